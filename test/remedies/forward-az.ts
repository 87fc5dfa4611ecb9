/** The program `az` of a shell: sends its arguments to the test process, and prints and returns what that answers. */
const sent = { args: process.argv.slice(2), folder: process.cwd() };
const answer = await fetch(process.env["SIMULATED_AZ"] ?? "", { method: "POST", body: JSON.stringify(sent) });
if (!answer.ok) throw new Error(await answer.text());
const { exitCode, stdout, stderr } = (await answer.json()) as { exitCode: number; stdout: string; stderr: string };
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
