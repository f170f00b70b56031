"""Every method before its time, after it, and with parameters that are none: an answer, always."""

from lsp_client import TIMEOUT, Client

from modelspec_ls.lsp.handlers import ROUTES
from support.clients import VSCODE

REQUESTS = [m for m in sorted(ROUTES) if "/did" not in m and m not in {"initialized", "window/workDoneProgress/cancel"}]
ORDINARY = [m for m in REQUESTS if m not in {"initialize", "shutdown"}]
NAME = "file:///a.modelspec.yaml"
ODD = [
    [],
    3,
    "x",
    True,
    [{}],
    {"textDocument": 1},
    {"textDocument": {"uri": 7}},
    {"textDocument": {"uri": NAME}, "x": 1},
]


def test_before_initialize_and_after_shutdown():
    with Client(VSCODE) as c:
        for method in ORDINARY:
            assert c.request(method, {})["error"]["code"] == -32002, method
        assert c.request("shutdown")["error"]["code"] == -32002
        c.start()
        assert c.request("shutdown")["result"] is None
        for method in [*ORDINARY, "shutdown", "initialize"]:
            assert c.request(method, {"capabilities": {}})["error"]["code"] == -32600, method
        c.notify("exit")
        assert c.process.wait(TIMEOUT) == 0


def test_malformed_initialize_is_no_start():
    with Client(VSCODE) as c:
        for params in (None, [], 7, {}, {"capabilities": []}):
            assert c.request("initialize", params)["error"]["code"] == -32602, params
        assert c.request("textDocument/hover", {})["error"]["code"] == -32002
        c.start()
        assert c.stop() == 0


# These ask for nothing that could be missing, and say so.
LENIENT = {"modelspec/rules", "workspace/diagnostic", "modelspec/dependencyGraph"}


def test_malformed_parameters_of_every_method():
    with Client(VSCODE, settings={}).start() as c:
        for method in ORDINARY:
            for params in ODD:
                if isinstance(params, dict) and method in LENIENT:
                    continue
                answer = c.request(method, params)
                # A document and no more is enough for some.
                if "error" in answer or params != ODD[-1]:
                    assert answer["error"]["code"] == -32602, (method, params, answer)
        c.open(NAME, "kind: ModelSpec\n")
        assert "result" in c.at("textDocument/hover", NAME, 0, 1)
        assert c.stop() == 0
        assert b"failed" not in c.errors, c.errors.decode()
