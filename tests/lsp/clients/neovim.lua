-- Opens the policy named by COMITY_FILE in Neovim, as docs/editors.md sets it up, and prints what the editor shows.
local file, command = vim.env.COMITY_FILE, vim.fn.json_decode(vim.env.COMITY_COMMAND)
local config = { name = "comity", cmd = command, root_dir = vim.fn.fnamemodify(file, ":h:h") }

local function run()
  vim.cmd("edit " .. vim.fn.fnameescape(file))
  local buffer = vim.api.nvim_get_current_buf()
  if vim.lsp.start then
    vim.lsp.start(config)
  else
    vim.lsp.buf_attach_client(buffer, vim.lsp.start_client(config))
  end

  local function wait(what, holds)
    if not vim.wait(60000, holds, 20) then error("nothing happened: " .. what) end
  end
  local function ready()
    for _, client in pairs(vim.lsp.get_active_clients()) do
      if client.initialized then return true end
    end
  end
  local function ask(method, params)
    local answers = vim.lsp.buf_request_sync(buffer, method, params, 60000) or {}
    for _, answer in pairs(answers) do
      if answer.error then return { error = answer.error.message } end
      return answer.result
    end
  end
  local function place(before, word)
    for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
      local column = line:find(before .. word, 1, true)
      if column then
        local character = column - 1 + #before + 1 -- all ASCII
        return { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = number - 1, character = character } }
      end
    end
    error("there is no " .. before .. word)
  end

  local found = {}
  wait("initialized", ready)
  vim.api.nvim_buf_set_lines(buffer, -1, -1, false, vim.fn.readfile(vim.env.COMITY_MORE))
  wait("diagnostics", function() return #vim.diagnostic.get(buffer) >= 2 end)
  found.codes = vim.tbl_map(function(each) return each.code or each.user_data.lsp.code end, vim.diagnostic.get(buffer))
  found.hover = ask("textDocument/hover", place("destination == ", "RU")).contents.value
  found.definition = ask("textDocument/definition", place("rule ", "entity_list"))
  local edit = ask("textDocument/rename", vim.tbl_extend("force", place("", "listed: Bool?"), { newName = "on_list" }))
  vim.lsp.util.apply_workspace_edit(edit, "utf-16")
  found.renamed = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  found.refused = ask("textDocument/rename", vim.tbl_extend("force", place("", "on_list: Bool?"), { newName = "when" })).error
  io.stdout:write(vim.fn.json_encode(found))
end

local done, problem = pcall(run)
if not done then io.stderr:write(tostring(problem) .. "\n") end
vim.cmd(done and "qall!" or "cquit!")
