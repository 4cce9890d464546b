// Keeps visited pages for reading without internet. A page always comes from the node where it can be reached; its copy
// is shown only when it can't. STATIC (addresses of style, scripts, icons) and VERSION are put in front by the node.

const PAGES = "pages";
const PAGES_MAX = 120;
const OFFLINE = "/offline";
const KEPT = /^\/(needs|offers|agents|seals|networks|categories|catalogue|server|offline)?(\/|$)/;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(VERSION);
    await cache.addAll([...STATIC, OFFLINE]);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== VERSION && name !== PAGES) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fromCacheFirst(request));
  else if (url.pathname === "/look.css" || url.pathname === "/icon.svg") event.respondWith(fromNodeFirst(request));
  else if (request.mode === "navigate" && KEPT.test(url.pathname)) event.respondWith(fromNodeFirst(request, true));
});

async function fromCacheFirst(request) {
  return (await caches.match(request)) || fetch(request);
}

async function fromNodeFirst(request, isPage = false) {
  const cache = await caches.open(PAGES);
  try {
    const response = await fetch(request);
    if (response.ok) {
      await cache.put(request, response.clone());
      await forgetOldest(cache);
    }
    return response;
  } catch (error) {
    // A page is stored once a language, which the node tells in Vary; any copy is better than none here.
    const copy = await cache.match(request, { ignoreVary: true });
    if (copy) return copy;
    if (isPage) return caches.match(OFFLINE, { ignoreVary: true });
    throw error;
  }
}

async function forgetOldest(cache) {
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - PAGES_MAX))) await cache.delete(key);
}
