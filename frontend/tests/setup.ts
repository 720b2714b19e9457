// jsdom asks for the result type that browsers take as "any" when it is left out, as htmx does.
const proto = Object.getPrototypeOf(new XPathEvaluator().createExpression('.')) as XPathExpression;
const evaluate = proto.evaluate;
proto.evaluate = function (node, type = XPathResult.ANY_TYPE, result = null) {
  return evaluate.call(this, node, type, result);
};
// jsdom lays nothing out and therefore scrolls nothing.
Element.prototype.scrollIntoView ??= () => undefined;
window.matchMedia ??= (query) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
// jsdom has no top layer.
HTMLElement.prototype.showPopover ??= () => undefined;
HTMLElement.prototype.hidePopover ??= () => undefined;
