"""What written languages look like: letters by frequency, and where encodings differ.

Letters stand in falling order of frequency. Together with how words are built (a capital
after a small letter is rare, a symbol inside a word is rarer), they give each decoding of
some bytes a cost in bits; the cheapest decoding is the likeliest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

_RU = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_UK = "оанивітерслкдумпьзябгчйюжїцхєшщфґ"
_BG = "аоиетнрсвлкдпмзъугябчцйжшщхфюь"
_SR = "аоиенртсјкувдплмзбгчњшцжћхљђфџѓќѕ"
_BE = "анісреоўдтякульмпыцзвбгшчёэжхйюьф"
_EL = "αοιετσνηυρπκλμςωάίόήέθγδύώβχφξζψϊΐϋΰ"
_HE = "יהואלרתבשמנדחכפקסעטגזצםןךףץ"
_AR = "الينمروتبةعدسفهكقحجشطصخضذثىءئإأؤغظزآ"
_FA = "ایرنمدهوستبکشزلگفخقعحجپغصطچضآژئظذثءأؤ"
_TH = "านรกอเงมลวยทสตดะปิัี่คบพ้หไขแจ์ใโผชุูึถธณฐญศษซฉฝฟฮ็ๆฯำืฎฏฬฆฌฑฒฤฅฃ๊๋"
_HANS = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
    "她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三"
    "已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女"
    "问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由"
    "却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路"
    "期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八"
    "特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花"
    "快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程"
    "告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委"
    "州省县镇街号店价类单客户销售码状态编订额款址姓龄男部门订单库存产品数量日期上海深圳杭州成都武汉"
    "重庆天津苏州南京陈刘杨赵吴徐孙胡朱郭何罗梁宋郑谢韩唐冯董萧曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "湖浙福建辽宁吉黑龙疆藏蒙古贵云川陕甘肃"
)
_HANT = (
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可"
    "她裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三"
    "已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女"
    "問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由"
    "卻代軍產入先山五太水萬市眼體別處總才場師書比住員九笑性通目華報立馬命張活難神數件安表原車白應路"
    "期叫死常提感金何更反合放做系計或司利受光王果親界及今京務制解各任至清物台象記邊共風戰乾接它許八"
    "臺灣香港縣區鄉鎮村街號價格類單客戶銷售碼狀態編訂額款址姓齡男庫存產品數量北高雄南竹桃園義基隆"
    "陳林黃李吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅"
)
_KANJI = (
    "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午"
    "百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨会同事自社発者地業方新場員"
    "立開手力問代明動京目通言理体田主題意不作用度強公持野以思家世多正安院心界教文元重近考画海売知"
    "道集別物使品計死特私始朝運終台広住無真有口少町料工建空急止送切転研足究楽起着店病質待試族銀早"
    "映親験英医仕去味写字答夜音注帰古歌買悪図週室歩風紙黒花春赤青館屋色走秋夏習駅洋旅服夕借曜飲肉"
    "貸堂鳥飯勉冬昼茶弟牛魚兄犬妹姉漢都府県市区村番号価格値商数量単位住所氏性別齢合税込額費率割引顧"
    "客受注請求納期阪横浜名古屋神戸福岡札幌仙台佐藤鈴木高橋伊渡辺村林加吉松井清斎坂森池橋阿部石原岡"
    "和恵健太郎美裕直樹愛由紀陽翔結菜平成昭令政治経済産業技術情報部課長製造販在庫管千葉埼玉静兵"
)
_HANGUL = (
    "이다의는에가을한고기지하로사자인리은스시도대어서를해나아정수라주전일그상과보으들원부장제성조관우오"
    "구있것동경공선소여유적모안무연생영신방만용진물비학세내중계발위국미회계실명분업당호바트마며면게음"
    "문화심속강법간없결남김박최임민준서울산광역천북청주도시군읍면길번름격량품목액금매날짜번호코드고객"
    "재현판단합총택름령별처소역점월년요층산포양평택울세종충제"
)


@dataclass(frozen=True, slots=True)
class Language:
    """Letters outside ASCII, and the encodings they are met in."""

    letters: str
    encodings: tuple[str, ...]
    # What this language costs beside more frequent ones.
    bits: float = 0.0


_WEST = ("cp1252", "mac_roman", "cp850")
_CENTRAL = ("cp1250", "iso8859_2", "cp852")
_CYRILLIC = ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic")
_LATIN_LETTERS = "".join(map(chr, range(0xC0, 0x100))) + "ŒœŠšŽžŸ"

LANGUAGES = (
    Language("üäößÜÖÄé", _WEST),
    Language("éèàêçôîûùâëïœÉÀÈÊÇÔÎŒæÂÛÙÏË", _WEST),
    Language("óíáéñúüÁÉÓÍÑÚÜ", _WEST),
    Language("ãçáéíóêõâúàôÁÉÃÇÓÍÚÂÊÔÕü", _WEST),
    Language("àèùòìéÈÀÙ", _WEST),
    Language("äåöÅÄÖéü", _WEST),
    Language("øåæØÅÆéö", _WEST),
    Language("áðíéþúóæöýÁÞÍÚÉÓÆÖÐÝ", _WEST, 2),
    Language("ëéïèöüó", _WEST),
    Language("àéèíòóúçïüÀÉ·", _WEST, 2),
    Language(_LATIN_LETTERS.replace("×", "").replace("÷", ""), _WEST, 1),
    Language("łóążęśćźńŁŚŻÓĆŹĄĘŃ", _CENTRAL),
    Language("íáéěýčřžůšúťňďóČŠŘŽÚÍÁÉĎŤŇÝÓĚŮ", _CENTRAL),
    Language("áíýčéžšúťľňôďäóĺŕČŠŽĽÚÁÍÉ", _CENTRAL, 1),
    Language("áéöóőüíúűÉÁÖÓŐÜÍÚŰ", _CENTRAL, 1),
    Language("ăîţşâŞŢÎÂĂ", _CENTRAL, 1),
    Language("šžćčđŠŽČĆĐ", _CENTRAL, 1),
    Language("ıüşçöğİŞÇÜÖĞâî", ("cp1254", "cp857")),
    Language("ėšžįųūčąęŠŽČĖĮŪŲ", ("cp1257",), 1),
    Language("āēīšņļūžģķčĀĒĪŠŅĻŪŽĢĶČ", ("cp1257",), 1),
    Language("äõüöšžÄÕÜÖŠŽ", ("cp1252", "cp1257"), 1),
    Language(_RU, _CYRILLIC),
    Language(_UK, ("cp1251", "koi8_u", "mac_cyrillic"), 1),
    Language(_BG, ("cp1251", "cp866"), 1),
    Language(_SR, ("cp1251",), 2),
    Language(_BE, ("cp1251",), 2),
    Language(_EL, ("cp1253", "iso8859_7")),
    Language(_HE, ("cp1255",)),
    Language(_AR, ("cp1256", "iso8859_6")),
    Language(_FA, ("cp1256",), 1),
    Language(_TH, ("cp874",)),
    Language(_HANS, ("gb18030",)),
    Language(_HANT, ("cp950", "gb18030")),
    Language(_KANJI, ("cp932", "euc_jp")),
    Language(_HANGUL, ("cp949",)),
)

# Bits that an encoding costs before a letter is seen: how rarely files use it.
RARITY = {
    "cp1252": 0,
    "cp932": 2,
    "gb18030": 2,
    "cp1251": 2,
    "cp950": 3,
    "cp949": 3,
    "euc_jp": 3,
    "koi8_r": 3,
    "koi8_u": 4,
    "cp1250": 3,
    "cp1253": 3,
    "cp1254": 3,
    "cp1255": 3,
    "cp1256": 3,
    "cp1257": 5,
    "cp874": 3,
    "iso8859_2": 5,
    "iso8859_5": 8,
    "iso8859_6": 6,
    "iso8859_7": 5,
    "cp866": 5,
    "cp850": 9,
    "cp852": 9,
    "cp857": 9,
    "mac_roman": 10,
    "mac_cyrillic": 9,
}
WIDE = ("cp932", "gb18030", "cp950", "cp949", "euc_jp")


@cache
def letter_bits(language: Language) -> dict[str, float]:
    """Return the cost of each letter of a language, its capitals included."""
    from math import log2

    letters = "".join(dict.fromkeys(language.letters))
    # Alphabets fall off by rank; the many signs of Chinese fall off more slowly.
    shift = 2.0 if len(letters) < 120 else 25.0
    weights = [1 / (rank + shift) for rank in range(len(letters))]
    total = sum(weights)
    bits = {
        letter: -log2(weight / total)
        for letter, weight in zip(letters, weights, strict=True)
    }
    is_small = letters[0].lower() == letters[0] and letters[0].upper() != letters[0]
    if is_small:
        for letter, cost in tuple(bits.items()):
            if len(letter.upper()) == 1:
                bits.setdefault(letter.upper(), cost + 2.0)
    return bits
