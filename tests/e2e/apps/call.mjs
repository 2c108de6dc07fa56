// Calls functions of a module: a line of JSON with name and arguments in, a line with the result or error out.
import { createInterface } from "node:readline";

const module = await import(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  const [name, args] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ result: await module[name](...args) }));
  } catch (error) {
    console.log(JSON.stringify({ error: [error.error, error.message, error.cause?.message].filter(Boolean).join(": ") }));
  }
}
