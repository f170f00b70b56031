-- A session in Neovim: open, findings, hover, completion, an edit, the findings after it.
-- Prints one line of JSON; the exit code says whether everything came in time.
local command, wait = vim.env.MODELSPEC_PYTHON, 20000
local client = vim.lsp.start_client({
  name = "modelspec",
  cmd = { command, "-m", "modelspec_ls.lsp" },
  root_dir = vim.fn.getcwd(),
})
vim.lsp.buf_attach_client(0, client)

local function findings(test)
  return vim.wait(wait, function() return test(#vim.diagnostic.get(0)) end, 50)
end

local function ask(method, line, character)
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = { line = line, character = character },
  }
  local answers = vim.lsp.buf_request_sync(0, method, params, wait) or {}
  return (answers[client] or {}).result
end

local ok = findings(function(count) return count > 0 end)
local first = vim.diagnostic.get(0)[1] or {}
local result = { message = first.message, line = first.lnum, column = first.col, source = first.source }
result.hover = (ask("textDocument/hover", first.lnum or 0, first.col or 0) or {}).contents
local offered = ask("textDocument/completion", first.lnum or 0, first.col or 0) or {}
result.offered = #(offered.items or offered)
local old = vim.api.nvim_buf_get_lines(0, first.lnum, first.lnum + 1, false)[1]
local new = old:gsub("famly", "family")
vim.api.nvim_buf_set_lines(0, first.lnum, first.lnum + 1, false, { new })
ok = findings(function(count) return count == 0 end) and ok
io.stdout:write(vim.fn.json_encode(result) .. "\n")
vim.lsp.stop_client(client)
vim.wait(5000, function() return vim.lsp.client_is_stopped(client) end, 50)
vim.cmd(ok and "qa!" or "cq!")
