// Starts `comity lsp` for policies, and shows the tests of `comity test` in the test explorer.
import { execFile } from "node:child_process";
import * as path from "node:path";
import * as vscode from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

/** The command that runs Comity, with the workspace folder filled in. */
function command(): string[] {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const words = vscode.workspace.getConfiguration("comity").get<string[]>("command", ["comity"]);
  return words.map((word) => word.replaceAll("${workspaceFolder}", folder));
}

async function start(): Promise<void> {
  const [program, ...rest] = command();
  const options = { command: program, args: [...rest, "lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("comity", "Comity", options, {
    documentSelector: [{ language: "comity", scheme: "file" }],
  });
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(
      `Comity's language server does not start (${command().join(" ")} lsp): ${error}. ` +
        "Install it with the extra comity[lsp], or set `comity.command`.",
    );
  }
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("comity.restart", async () => {
      await client?.stop();
      await start();
    }),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("comity")) await vscode.commands.executeCommand("comity.restart");
    }),
    testExplorer(),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

interface TestResult {
  name: string;
  path: string;
  line: number;
  status: string;
  expected: unknown;
  got: unknown;
}

/** The `test` blocks of each folder, run by `comity test --format json`. */
function testExplorer(): vscode.TestController {
  const controller = vscode.tests.createTestController("comity", "Comity");
  const run = async (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> => {
    const session = controller.createTestRun(request);
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const results = await runTests(folder.uri.fsPath, token);
      if (results instanceof Error) {
        session.appendOutput(`${results.message}\r\n`);
        continue;
      }
      for (const result of results) {
        const item = testItem(controller, folder.uri.fsPath, result);
        if (request.include && !request.include.some((each) => each.id === item.id)) continue;
        if (result.status === "passed") session.passed(item);
        else session.failed(item, new vscode.TestMessage(`expected ${shown(result.expected)}, got ${shown(result.got)}`));
      }
    }
    session.end();
  };
  controller.createRunProfile("Run", vscode.TestRunProfileKind.Run, run, true);
  controller.refreshHandler = async (token) => {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const results = await runTests(folder.uri.fsPath, token);
      if (!(results instanceof Error)) results.forEach((result) => testItem(controller, folder.uri.fsPath, result));
    }
  };
  return controller;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function testItem(controller: vscode.TestController, root: string, result: TestResult): vscode.TestItem {
  const uri = vscode.Uri.file(path.resolve(root, result.path));
  const id = `${uri.fsPath}:${result.name}`;
  const item = controller.items.get(id) ?? controller.createTestItem(id, result.name, uri);
  item.range = new vscode.Range(result.line - 1, 0, result.line - 1, 0);
  controller.items.add(item);
  return item;
}

function runTests(cwd: string, token: vscode.CancellationToken): Promise<TestResult[] | Error> {
  const [program, ...rest] = command();
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...rest, "test", "--format", "json"],
      { cwd, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        try {
          resolve((JSON.parse(stdout) as { tests: TestResult[] }).tests);
        } catch {
          resolve(new Error(stderr || String(error)));
        }
      },
    );
    token.onCancellationRequested(() => child.kill());
  });
}
