"""Renders the files under `templates/`. A name that nobody defined is an error that names file and line."""

from __future__ import annotations

from pathlib import Path

import jinja2

from .errors import SettingsError
from .settings.contexts import Context

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: templates, alerts and the repository itself live here."""


def render(template: str, context: Context, **more: object) -> bytes:
    """`templates/<template>.j2` as bytes, with the context under `host` and `more` beside it.

    Raises SettingsError for an undefined name or a broken template.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    name = f"{template}.j2"
    try:
        return environment.get_template(name).render(host=context, **more).encode()
    except jinja2.TemplateSyntaxError as error:
        raise SettingsError(context.host, [f"templates/{name} line {error.lineno}: {error.message}"]) from error
    except jinja2.UndefinedError as error:
        raise SettingsError(context.host, [f"templates/{name} line {_line(error, name)}: {error.message}"]) from error


def _line(error: BaseException, name: str) -> int:
    """Line of the template in which the error arose; Jinja maps its frames back to the template's own lines."""
    lines = [0]
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(name):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1]
