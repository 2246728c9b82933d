/** Tells elements when they enter and leave the screen, through one observer for all of them. */
const callbacks = new WeakMap<Element, (isInView: boolean) => void>();
let observer: IntersectionObserver | undefined;

export function observeInView(element: Element, callback: (isInView: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) callbacks.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: '64px' },
  );
  callbacks.set(element, callback);
  observer.observe(element);
  return () => {
    callbacks.delete(element);
    observer?.unobserve(element);
  };
}
