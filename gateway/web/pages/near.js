// What is fetched only when it comes near the screen.

const NEAR = "400px";

/** Calls `load(node)` once for each node that is waited for, when it is near; `forget` waits for one no longer. */
export function whenNear(load) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        load(target);
      }
    },
    { rootMargin: NEAR },
  );
  return { wait: (node) => observer.observe(node), forget: (node) => observer.unobserve(node) };
}
