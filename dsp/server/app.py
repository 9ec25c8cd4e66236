"""The FastAPI application: reads finished runs, refuses strangers, answers in models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dsp
from dsp.errors import DspError, MissingDependencyError, RunNotFoundError
from dsp.server.models import (
    AnalysisResponse,
    ConfigurationResponse,
    ErrorResponse,
    HealthResponse,
    PipelineListResponse,
    Setting,
)
from dsp.server.runs import Runs
from dsp.settings import PipelineConfig

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response
    from fastapi.responses import JSONResponse

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
STATUS_CODES = {"run_not_found": 404, "busy": 409, "missing_dependency": 501}


def create_app(data_dir: Path | str, *, hosts: Sequence[str] = LOCAL_HOSTS) -> FastAPI:
    """Return the application that serves the finished runs of a folder.

    Parameters
    ----------
    data_dir
        Folder that holds run folders (``NAME.dsp``), one level deep.
    hosts
        Host names that requests may be addressed to; ``("*",)`` takes any. Others are
        refused, so that a web page elsewhere cannot reach a server on this machine
        through a name of its own.

    Raises
    ------
    MissingDependencyError
        FastAPI is not installed.
    DspError
        `data_dir` is not a folder.

    Examples
    --------
    >>> import tempfile
    >>> app = create_app(tempfile.mkdtemp())
    >>> sorted(path for path in app.openapi()["paths"])[:2]
    ['/analyze/{run_id}/dashboard', '/analyze/{run_id}/insights']
    """
    try:
        from fastapi import FastAPI
    except ImportError as error:
        raise MissingDependencyError.of(
            "fastapi", extra="server", purpose="the server"
        ) from error
    folder = Path(data_dir)
    if not folder.is_dir():
        raise DspError(f"{folder} is not a folder", hint="name one with --data-dir")
    # FastAPI's own documentation pages load scripts from the network.
    app = FastAPI(title="dsp", version=dsp.__version__, docs_url=None, redoc_url=None)
    _add_guard(app, hosts)
    _add_errors(app)
    _add_state(app)
    _add_runs(app, Runs(folder))
    return app


def _add_guard(app: FastAPI, hosts: Sequence[str]) -> None:
    @app.middleware("http")
    async def guard(
        request: Request, proceed: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if "*" not in hosts and request.url.hostname not in hosts:
            return _refusal(
                400, "host", "this server does not answer to that host name", hint=""
            )
        response = await proceed(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _add_errors(app: FastAPI) -> None:
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    @app.exception_handler(DspError)
    async def refuse(_request: Request, error: DspError) -> Response:
        status = STATUS_CODES.get(error.code, 422)
        return _refusal(status, error.code, error.message, hint=error.hint)

    @app.exception_handler(HTTPException)
    async def refuse_http(_request: Request, error: HTTPException) -> Response:
        return _refusal(
            error.status_code, "http", str(error.detail), hint="see /openapi.json"
        )

    @app.exception_handler(RequestValidationError)
    async def refuse_input(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _refusal(
            422, "input", f"{where}: {first['msg']}", hint="see /openapi.json"
        )


def _add_state(app: FastAPI) -> None:
    @app.get("/health")
    def health() -> HealthResponse:
        """Say that the server answers."""
        return HealthResponse(version=dsp.__version__)

    @app.get("/config")
    def config() -> ConfigurationResponse:
        """List the settings that a run takes."""
        return ConfigurationResponse(version=dsp.__version__, settings=settings())


def _add_runs(app: FastAPI, runs: Runs) -> None:
    from fastapi.responses import FileResponse

    not_found: dict[int | str, dict[str, Any]] = {404: {"model": ErrorResponse}}

    @app.get("/pipelines")
    def pipelines() -> PipelineListResponse:
        """List the finished runs, newest first."""
        found, n_unreadable = runs.finished()
        return PipelineListResponse(runs=found, n_unreadable=n_unreadable)

    @app.get("/analyze/{run_id}/insights", responses=not_found)
    def insights(run_id: str) -> AnalysisResponse:
        """Return a run with its findings."""
        return runs.find(run_id)[1]

    @app.get("/analyze/{run_id}/dashboard", responses=not_found, response_model=None)
    def dashboard(run_id: str) -> FileResponse:
        """Return the dashboard of a run as one HTML page."""
        page = runs.find(run_id)[0] / "dashboard.html"
        if not page.is_file():
            raise RunNotFoundError(
                f'run "{run_id}" has no dashboard',
                hint="run dsp analyze without --no-dashboard",
            )
        return FileResponse(page, media_type="text/html")


def settings() -> tuple[Setting, ...]:
    """Return every setting of a run with its type, default and meaning."""
    schema = PipelineConfig.model_json_schema(mode="serialization")["properties"]
    return tuple(
        Setting(
            name=name,
            type=_type(schema[name]),
            default=schema[name].get("default"),
            description=schema[name].get("description", ""),
        )
        for name in PipelineConfig.model_fields
    )


def _type(schema: dict[str, Any]) -> str:
    options = [_type(option) for option in schema.get("anyOf", ())]
    named = [option for option in options if option != "null"]
    return str(schema.get("type") or (named[0] if named else "any"))


def _refusal(status: int, code: str, message: str, *, hint: str) -> JSONResponse:
    from fastapi.responses import JSONResponse

    body = ErrorResponse(code=code, message=message, hint=hint)
    return JSONResponse(body.model_dump(), status_code=status)
