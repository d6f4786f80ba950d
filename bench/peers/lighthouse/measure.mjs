// Lighthouse's performance of a page on its phone, as a line of JSON: node measure.mjs CHROMIUM FLAGS ADDRESS COOKIE.
// FLAGS is a JSON list, COOKIE is name=value.
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const [executablePath, flags, address, cookie] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: JSON.parse(flags) });
try {
  const [name, value] = cookie.split(/=(.*)/);
  await browser.setCookie({ name, value, domain: new URL(address).hostname, path: "/" });
  const page = await browser.newPage();
  // Without the cookie it would measure the page to sign in.
  const options = { onlyCategories: ["performance"], disableStorageReset: true, logLevel: "error" };
  const { lhr } = await lighthouse(address, options, undefined, page);
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  if (lhr.finalDisplayedUrl !== address) throw new Error(`It was led to ${lhr.finalDisplayedUrl}.`);
  const of = (audit) => lhr.audits[audit].numericValue;
  console.log(
    JSON.stringify({
      score: Math.round(lhr.categories.performance.score * 100),
      first_paint: of("first-contentful-paint"),
      largest_paint: of("largest-contentful-paint"),
      speed_index: of("speed-index"),
      blocked: of("total-blocking-time"),
      shift: of("cumulative-layout-shift"),
    }),
  );
} finally {
  await browser.close();
}
