"""The process that evaluates CEL: one question per line of standard input, one answer per line of standard output.

A script of its own, so that it starts fast; it imports nothing of ours. The system ends it when a question takes more
processor time or memory than it may.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from functools import lru_cache
from typing import Any

_VARIABLES = ("object", "labels", "params", "derived")
_MEMORY = 512 * 2**20
_PLACE = re.compile(r"<input>:(-?\d+):(-?\d+): (.*?)(?:\n|$| \[[A-Z_]+\]$)")
_CODE = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")


def main() -> None:
    """Answer until the input ends."""
    from cel_expr_python import cel  # noqa: PLC0415
    from cel_expr_python.ext import ext_optional  # noqa: PLC0415

    dyn = cel.Type.DYN
    env = cel.NewEnv(variables=dict.fromkeys(_VARIABLES, dyn), extensions=[ext_optional.ExtOptional()])
    compiled = lru_cache(maxsize=1_000)(env.compile)
    limit = _limiter(float(sys.argv[1]))
    answer({"ready": True})
    for line in sys.stdin.buffer:
        question = json.loads(line)
        limit(on=True)
        if question["do"] == "compile":
            found = compile_one(compiled, question["text"], cel)
        else:
            found = {"rows": judge_all(compiled, question, env, cel)}
        limit(on=False)
        answer(found)


def answer(value: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def compile_one(compiled: Any, text: str, cel: Any) -> dict[str, Any]:
    """An empty answer, or the first error with its place."""
    try:
        kind = compiled(text).return_type()
    except RuntimeError as error:
        return error_of(text, str(error))
    if kind not in (cel.Type.BOOL, cel.Type.DYN):
        return {"message": f"it must be true or false, and is {str(kind).lower()}.", "at": 0}
    return {}


def error_of(text: str, message: str) -> dict[str, Any]:
    """The library's words with line and column as one offset."""
    found = _PLACE.search(message)
    if found is None or int(found[1]) < 1:
        return {"message": plain(message), "at": 0}
    lines = text.split("\n")
    number = min(int(found[1]), len(lines)) - 1
    at = sum(len(line) + 1 for line in lines[:number]) + max(int(found[2]) - 1, 0)
    name = re.search(r"undeclared reference to '([\w.]+)'", found[3])
    if name is not None:  # The library points at the last dot of the name.
        first = at - len(name[1].rpartition(".")[0])
        at = first if first >= 0 and text.startswith(name[1], first) else at
    return {"message": plain(found[3]), "at": min(at, max(len(text) - 1, 0))}


def plain(message: str) -> str:
    """One sentence without the library's codes and containers."""
    # What follows quotes the whole document.
    first = message.strip().split("\n")[0].partition(" for '")[0]
    first = _CODE.sub("", first).replace(" (in container '')", "")
    first = first.replace("Syntax error: ", "")
    first = re.sub(r"expecting \{.*\}", "expecting something else", first)
    return f"{first.strip().rstrip('.')}."


def judge_all(compiled: Any, question: dict[str, Any], env: Any, cel: Any) -> list[dict[str, Any]]:
    """What each expression says of one document."""
    try:
        activation = env.Activation(question["values"])
    except RuntimeError as error:
        return [{"error": plain(str(error))}] * len(question["texts"])
    return [judge_one(compiled, text, activation, cel) for text in question["texts"]]


def judge_one(compiled: Any, text: str, activation: Any, cel: Any) -> dict[str, Any]:
    """What one expression says."""
    try:
        value = compiled(text).eval(activation)
        if value.type() == cel.Type.ERROR:
            return {"error": plain(str(value.value()))}
        found = value.value()
    except RuntimeError as error:
        return {"error": plain(str(error))}
    return {"holds": found} if isinstance(found, bool) else {"error": f"it is {found!r:.60}, not true or false."}


def _limiter(seconds: float) -> Any:
    """What starts and stops the clock that ends this process. Without such a clock the other side watches."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    import signal  # noqa: PLC0415

    timer = getattr(signal, "setitimer", None)
    if timer is None:
        return lambda **_: None
    signal.signal(signal.SIGPROF, signal.SIG_DFL)

    def limit(*, on: bool) -> None:
        timer(signal.ITIMER_PROF, seconds if on else 0)

    return limit


if __name__ == "__main__":
    main()
