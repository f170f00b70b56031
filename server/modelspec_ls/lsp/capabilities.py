"""What the client can do, read once, and what the server therefore says of itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from modelspec_ls.core.text import Encoding

# Offsets are code points, so UTF-32 needs no conversion at all.
_ENCODINGS: tuple[Encoding, ...] = ("utf-32", "utf-16", "utf-8")
# Clients, by the start of their name, whose snippet engine indents further lines like the cursor's,
# and that cannot be told not to.
_INDENTING = ("neovim", "helix", "sublime text")
# Clients that know the command ``editor.action.triggerSuggest``.
_VSCODE = ("visual studio code", "code - oss", "vscodium", "cursor", "windsurf", "code-server", "openvscode")


@frozen
class ClientFeatures:
    """The client's abilities that change what is sent to it; all absent by default."""

    encoding: Encoding = "utf-16"
    vscode: bool = False
    # Completion.
    snippets: bool = False
    insert_replace: bool = False
    label_details: bool = False
    preselect: bool = False
    deprecated_tag: bool = False
    deprecated_flag: bool = False
    insert_as_is: bool = False
    link_tooltips: bool = False
    indents_snippets: bool = False
    markdown_completion: bool = False
    # Hover.
    markdown_hover: bool = False
    # Diagnostics.
    pull_diagnostics: bool = False
    diagnostic_refresh: bool = False
    code_lens_refresh: bool = False
    inlay_hint_refresh: bool = False
    related_information: bool = False
    code_description: bool = False
    diagnostic_data: bool = False
    diagnostic_version: bool = False
    # Symbols, code actions, rename.
    hierarchical_symbols: bool = False
    code_action_literals: bool = False
    code_action_preferred: bool = False
    code_action_resolve: bool = False
    document_changes: bool = False
    prepare_rename: bool = False
    # Commands of the client that a code lens may name.
    commands: frozenset[str] = frozenset()
    # Workspace.
    configuration: bool = False
    register_configuration: bool = False
    register_watched_files: bool = False
    progress: bool = False
    create_files: bool = False
    show_document: bool = False
    change_annotations: bool = False

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> ClientFeatures:
        """Read the parameters of ``initialize`` as they came. What is malformed counts as absent."""

        def get(path: str) -> Any:
            value: Any = params.get("capabilities")
            for key in path.split("."):
                value = value.get(key) if isinstance(value, Mapping) else None
            return value

        def has(path: str, wanted: object = True) -> bool:
            value = get(path)
            return wanted in value if isinstance(value, list) else value is True

        named = get("experimental.commands.commands")
        offered = get("general.positionEncodings")
        offered = offered if isinstance(offered, list) else []
        info = params.get("clientInfo")
        name = str(info.get("name", "")).lower() if isinstance(info, Mapping) else ""
        item = "textDocument.completion.completionItem."
        action = "textDocument.codeAction."
        push = "textDocument.publishDiagnostics."
        pulls = isinstance(get("textDocument.diagnostic"), Mapping)
        pull = "textDocument.diagnostic."
        return cls(
            encoding=next((e for e in _ENCODINGS if e in offered), "utf-16"),
            vscode=name.startswith(_VSCODE),
            snippets=has(item + "snippetSupport"),
            insert_replace=has(item + "insertReplaceSupport"),
            label_details=has(item + "labelDetailsSupport"),
            preselect=has(item + "preselectSupport"),
            deprecated_tag=has(item + "tagSupport.valueSet", types.CompletionItemTag.Deprecated.value),
            deprecated_flag=has(item + "deprecatedSupport"),
            link_tooltips=has("textDocument.documentLink.tooltipSupport"),
            insert_as_is=has(item + "insertTextModeSupport.valueSet", types.InsertTextMode.AsIs.value),
            indents_snippets=name.startswith(_INDENTING),
            markdown_completion=has(item + "documentationFormat", "markdown"),
            markdown_hover=has("textDocument.hover.contentFormat", "markdown"),
            pull_diagnostics=pulls,
            diagnostic_refresh=has("workspace.diagnostics.refreshSupport"),
            code_lens_refresh=has("workspace.codeLens.refreshSupport"),
            inlay_hint_refresh=has("workspace.inlayHint.refreshSupport"),
            # Clients that pull may describe their diagnostics there, or, as most do, with push.
            related_information=has(push + "relatedInformation") or has(pull + "relatedInformation"),
            code_description=has(push + "codeDescriptionSupport") or has(pull + "codeDescriptionSupport"),
            diagnostic_data=has(push + "dataSupport") or has(pull + "dataSupport"),
            diagnostic_version=has(push + "versionSupport"),
            hierarchical_symbols=has("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"),
            code_action_literals=isinstance(get(action + "codeActionLiteralSupport"), Mapping),
            code_action_preferred=has(action + "isPreferredSupport"),
            code_action_resolve=has(action + "resolveSupport.properties", "edit") and has(action + "dataSupport"),
            document_changes=has("workspace.workspaceEdit.documentChanges"),
            prepare_rename=has("textDocument.rename.prepareSupport"),
            # As rust-analyzer's clients announce theirs.
            commands=frozenset(c for c in named if isinstance(c, str)) if isinstance(named, list) else frozenset(),
            configuration=has("workspace.configuration"),
            register_configuration=has("workspace.didChangeConfiguration.dynamicRegistration"),
            register_watched_files=has("workspace.didChangeWatchedFiles.dynamicRegistration"),
            progress=has("window.workDoneProgress"),
            show_document=has("window.showDocument.support"),
            create_files=has("workspace.workspaceEdit.resourceOperations", "create"),
            change_annotations=isinstance(get("workspace.workspaceEdit.changeAnnotationSupport"), Mapping),
        )


def server_capabilities(
    client: ClientFeatures, methods: Collection[str], options: Mapping[str, Any]
) -> types.ServerCapabilities:
    """What to answer to ``initialize``: exactly what there is a handler for and the client can use.

    Args:
        client: what the client can do.
        methods: the methods that have a handler.
        options: the options of a method's capability, where it has some.
    """
    unused = set()
    if not client.pull_diagnostics:
        unused.add(types.TEXT_DOCUMENT_DIAGNOSTIC)
    if not client.code_action_literals:
        unused.add(types.TEXT_DOCUMENT_CODE_ACTION)
    # pygls needs the client only for renaming and file operations, which are settled below.
    builder = ServerCapabilitiesBuilder(
        types.ClientCapabilities(),
        set(methods) - unused,
        dict(options),
        [],
        types.TextDocumentSyncKind.Full,
        None,
        types.PositionEncodingKind(client.encoding),
    )
    found: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
    found.workspace = _workspace(methods)
    # Its commands are for code actions that show something.
    found.execute_command_provider = options.get(types.WORKSPACE_EXECUTE_COMMAND) if client.show_document else None
    if types.TEXT_DOCUMENT_RENAME in methods and client.prepare_rename:
        prepare = types.TEXT_DOCUMENT_PREPARE_RENAME in methods
        found.rename_provider = types.RenameOptions(prepare_provider=prepare)
    return found


# Files that may hold a spec, and folders, which may hold many.
_FILES = [
    types.FileOperationFilter(types.FileOperationPattern("**/*.{yaml,yml,json}", types.FileOperationPatternKind.File)),
    types.FileOperationFilter(types.FileOperationPattern("**", types.FileOperationPatternKind.Folder)),
]


def _workspace(methods: Collection[str]) -> types.WorkspaceOptions:
    """Folders that come and go, and what the user does to files."""
    files = types.FileOperationRegistrationOptions(_FILES)
    folders = types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS in methods
    return types.WorkspaceOptions(
        types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True) if folders else None,
        types.FileOperationOptions(
            did_create=files if types.WORKSPACE_DID_CREATE_FILES in methods else None,
            will_rename=files if types.WORKSPACE_WILL_RENAME_FILES in methods else None,
            did_rename=files if types.WORKSPACE_DID_RENAME_FILES in methods else None,
            did_delete=files if types.WORKSPACE_DID_DELETE_FILES in methods else None,
        ),
    )
