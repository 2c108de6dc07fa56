// Loaded before a module of docs/apps.md: its requests to AWS's hosts go to the local Cognito instead.
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

const places = Object.entries(JSON.parse(process.env.PLACES));
const local = (url) => places.reduce((here, [aws, place]) => here.replace(`${aws}/`, `${place}/`), `${url}`);
const asOnAws = (text) => places.reduce((there, [aws, place]) => there.replaceAll(place, aws), text);

const { fetch } = globalThis;
globalThis.fetch = async (url, options) => {
  const answer = await fetch(local(url), options);
  if (!`${url}`.endsWith("/openid-configuration")) return answer;
  return new Response(asOnAws(await answer.text()), { status: answer.status, headers: answer.headers });
};
https.request = (url, options, answer) => http.request(local(url), options, answer);
syncBuiltinESMExports();
