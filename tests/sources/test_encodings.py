"""Encodings: found by marks, validity and letters, said, and overridden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dsp.errors import SourceError
from dsp.sources import DataReader
from dsp.sources.encodings import find_encoding, is_encoded_twice

if TYPE_CHECKING:
    from pathlib import Path

    from dsp.engine import DuckEngine
    from dsp.sources import Loaded

JAPANESE = (
    "東京 大阪 名古屋 都市 値 商品名 りんご みかん テスト カタカナ 鈴木一郎 株式会社"
)
WORDS = {
    "cp932": JAPANESE,
    "euc_jp": JAPANESE,
    "gb18030": "北京 上海 广州 城市 姓名 数量 价格 苹果 电脑 张伟 王芳 有限公司 订单",
    "cp950": "臺北 高雄 城市 姓名 數量 價格 蘋果 電腦 陳大文 有限公司 訂單 日期",
    "cp949": "서울 부산 이름 도시 가격 사과 김철수 주식회사 대한민국 인천광역시",
    "koi8_r": "Москва Казань город имя цена яблоко Иванов Пётр Новосибирск количество",
    "cp1251": "Москва Казань город имя цена яблоко Иванов Пётр Новосибирск количество",
    "cp866": "Москва Казань город имя цена яблоко Иванов Пётр Новосибирск количество",
    "cp1252": "Straße München café naïve Málaga São Köln Århus “quoted” 5€ Zürich",
    "latin-1": "Straße München café naïve Málaga São Köln Århus Curaçao Besançon",
    "cp1250": "Łódź Kraków Gdańsk Wrocław Żółć Świętokrzyskie Częstochowa Małopolska",
    "cp1253": "Αθήνα Θεσσαλονίκη πόλη όνομα τιμή Πάτρα Ηράκλειο μήλο",
    "cp1254": "İstanbul Şişli Beyoğlu ığdır Muğla Gümüşhane fiyatı ürün değişiklik",
    "cp1255": "ירושלים תל אביב חיפה שם עיר מחיר תפוח כמות",
    "cp1256": "القاهرة الرياض مدينة اسم السعر تفاح الكمية دمشق",
    "cp874": "กรุงเทพ เชียงใหม่ เมือง ชื่อ ราคา แอปเปิล จำนวน ภูเก็ต",
}
TEXT = "id,name\n1,Straße\n2,東京\n3,😀\n"


def load(engine: DuckEngine, path: Path, **options: Any) -> Loaded:
    return DataReader().load(DataReader().locate(path, options=options), engine)


def _some(words: list[str], n: int, seed: int) -> list[str]:
    chosen = np.random.default_rng(seed).choice(len(words), min(n, len(words)), False)
    return [words[i] for i in chosen]


def table_of(words: list[str]) -> str:
    rows = "".join(f"{i},{word},{i * 1.5}\n" for i, word in enumerate(words))
    return f"id,name,v\n{rows}"


@pytest.mark.parametrize("encoding", WORDS)
def test_a_few_words_tell_the_encoding(encoding: str) -> None:
    words = WORDS[encoding].split()
    found = []
    for n in (4, 6, 8):
        for seed in range(5):
            text = table_of(_some(words, n, seed))
            raw = text.encode(encoding)
            got = find_encoding(raw, is_all=True)
            assert got is not None
            assert got.is_guess or raw.isascii()
            found.append(raw.decode(got.name, got.errors) == text)
    assert sum(found) >= len(found) - 1


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-8", b"\xef\xbb\xbf\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", b"\xff\xfe\0\0"),
        ("utf-32-be", b"\0\0\xfe\xff"),
        ("utf-32-le", b""),
        ("utf-32-be", b""),
        ("gb18030", b"\x84\x31\x95\x33"),
    ],
)
def test_unicode_with_and_without_a_mark(
    engine: DuckEngine, tmp_path: Path, encoding: str, mark: bytes
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(mark + TEXT.encode(encoding))
    loaded = load(engine, path)
    assert engine.rows("select id, name from raw.data") == [
        (1, "Straße"),
        (2, "東京"),
        (3, "😀"),
    ]
    assert "warnings" not in loaded.decisions


def test_a_guess_is_said_with_its_rivals(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("都市,値\n東京,1\n大阪,2\n".encode("shift_jis"))
    loaded = load(engine, path)
    assert engine.rows('select "都市", "値" from raw.data') == [("東京", 1), ("大阪", 2)]
    assert loaded.decisions["encoding"] == "cp932"
    said = "read as Shift-JIS (cp932), judged by its letters; "
    assert loaded.decisions["warnings"] == [f"{said}the option encoding tells otherwise"]
    (tmp_path / "u.csv").write_bytes(b"name\nK\x94nig\n")
    unsure = load(engine, tmp_path / "u.csv").decisions
    assert len(unsure["encoding_rivals"]) >= 1
    assert "would fit almost as well" in unsure["warnings"][0]


def test_the_option_wins(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("name\nПривет\n".encode("koi8_r"))
    loaded = load(engine, path, encoding="cp1251")
    assert engine.rows("from raw.data") == [("рТЙЧЕФ",)]
    assert "warnings" not in loaded.decisions
    with pytest.raises(SourceError, match='unknown encoding "koi9"'):
        load(engine, path, encoding="koi9")
    with pytest.raises(SourceError, match="not utf-8"):
        load(engine, path, encoding="utf-8")
    with pytest.raises(SourceError, match='unknown encoding "base64"'):
        load(engine, path, encoding="base64")


def test_one_foreign_byte_leaves_the_rest_utf8(
    engine: DuckEngine, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    lines = "".join(f"{i},Größe 東京\n" for i in range(90_000))
    path.write_bytes(b"id,name\n" + lines.encode() + b"90000,caf\xe9\n")
    loaded = load(engine, path)
    assert loaded.n_rows == 90_001
    found = engine.rows("select distinct name from raw.data order by name")
    assert found == [("Größe 東京",), ("café",)]
    said = "read as utf-8, in which one byte (or more) had to be read as cp1252; "
    assert loaded.decisions["warnings"] == [f"{said}the option encoding tells otherwise"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xc0\xaf", "\ufffd"),
        (b"\xed\xa0\x80", "\ufffd"),
        (b"\xed\xa0\xbd\xed\xb8\x80", "😀"),
    ],
)
def test_overlong_forms_and_surrogates(
    engine: DuckEngine, tmp_path: Path, raw: bytes, text: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("name\nGrüße aus Köln, ".encode().replace(b",", b"") + raw + b"\n")
    loaded = load(engine, path)
    assert engine.rows("from raw.data") == [(f"Grüße aus Köln {text}",)]
    assert "had to be read as cp1252" in loaded.decisions["warnings"][0]


def test_text_of_a_mainframe_is_refused_and_can_be_read(
    engine: DuckEngine, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id,name\n1,Smith\n2,Jones\n3,Taylor\n".encode("cp037"))
    with pytest.raises(SourceError, match="EBCDIC") as caught:
        load(engine, path)
    assert "encoding=cp037" in caught.value.hint
    load(engine, path, encoding="cp037")
    assert engine.rows("select count(*), max(name) from raw.data") == [(3, "Taylor")]


def test_text_encoded_twice_is_reported(engine: DuckEngine, tmp_path: Path) -> None:
    twice = "name\nMüller\nJosé\n".encode().decode("cp1252")
    assert is_encoded_twice(twice)
    assert not is_encoded_twice("name\nMüller\nJosé\n")
    assert not is_encoded_twice("東京 Ãngela")
    path = tmp_path / "t.csv"
    path.write_bytes(twice.encode())
    assert "encoded twice" in load(engine, path).decisions["warnings"][0]


def test_japanese_with_shift_sequences(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("名前,値\n東京,1\n".encode("iso2022_jp"))
    load(engine, path)
    assert engine.rows('select "名前" from raw.data') == [("東京",)]


def test_json_in_other_encodings(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    text = '[{"city": "Köln"}, {"city": "Besançon"}]'
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"):
        path.write_bytes(text.encode(encoding))
        load(engine, path)
        assert engine.rows("from raw.data") == [("Köln",), ("Besançon",)]


def test_one_zero_byte_makes_no_wide_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,x\0y\n2,z\n")
    table = DataReader().read(path)
    assert table.columns == ("a", "b")
    assert table["b"].to_pyarrow().to_pylist() == ["x\0y", "z"]
