"""The table of docs/formatting.md, and the form in which both renderers are compared with it."""

import re
from html import escape

from chat.formatting.tree import Node, Tree
from support.servers import ROOT

MEMBERS = ["bob", "bob_smith", "alice"]
OWN_EMOJI = ["shipit"]
_CELL = re.compile(r"(?<!\\)\|")


def rows() -> list[tuple[str, str]]:
    """(written, shown), for the page and the server."""
    found = []
    for line in (ROOT / "docs" / "formatting.md").read_text().partition("## Table")[2].splitlines():
        if line.startswith("| `"):
            _, written, shown, _ = _CELL.split(line)
            found.append((_text(written), _text(shown)))
    return found


def _text(cell: str) -> str:
    """The content of a code cell, without its fence."""
    code = cell.strip().replace("\\|", "|")
    fence = len(code) - len(code.lstrip("`"))
    inside = code[fence:-fence]
    if inside.startswith(" ") and inside.endswith(" ") and inside.strip("` "):
        inside = inside[1:-1] if inside[1] == "`" or inside[-2] == "`" else inside
    return re.sub(r"\{([0-9A-F]{4})\}", lambda sign: chr(int(sign[1], 16)), inside).replace("⏎", "\n")


def neutral(tree: Tree) -> str:
    match tree:
        case [Node(kind="p", children=children)]:
            return _shown(children)
        case _:
            return _shown(tree)


def _shown(nodes: Tree) -> str:
    return "".join(escape(node, quote=False) if isinstance(node, str) else _node(node) for node in nodes)


def _node(node: Node) -> str:
    text, inner = escape(node.text, quote=False), _shown(node.children)
    value = f" {escape(node.value, quote=False)}" if node.value else ""
    match node.kind:
        case "br":
            return "<br>"
        case "code":
            return f"<code>{text}</code>"
        case "pre":
            return f"<pre{value}>{text}</pre>"
        case "link":
            return f"<a>{text}</a>" if node.text == node.value else f"<a{value}>{text}</a>"
        case "mention":
            return f"<@{node.text}>"
        case "room":
            return f"<#{node.text}>"
        case "emoji":
            return f"<:{node.text}>"
        case "quote":
            return f"<blockquote>{inner}</blockquote>"
        case kind:
            return f"<{kind}{value}>{inner}</{kind}>"


# The same for the page: the tree of `chat/static/chat/js/text/markdown.js`.
IN_PAGE = """async ([texts, mentions, own]) => {
  const { parseMarkdown } = await import("/static/chat/js/text/markdown.js");
  const { loadNames } = await import("/static/chat/js/text/emoji.js");
  const emoji = (await loadNames()).named;
  const escape = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
  const shown = (nodes) => nodes.map((node) => (typeof node === "string" ? escape(node) : one(node))).join("");
  const one = (node) => {
    const inner = shown(node.children ?? []);
    const text = escape(node.text ?? "");
    const value = node.language || node.number || node.side || node.sign || (node.level && String(node.level));
    const more = value ? ` ${value}` : "";
    switch (node.type) {
      case "br": return "<br>";
      case "code": return `<code>${text}</code>`;
      case "pre": return `<pre${more}>${text}</pre>`;
      case "link": return node.text === node.href ? `<a>${text}</a>` : `<a ${escape(node.href)}>${text}</a>`;
      case "mention": return `<@${node.username}>`;
      case "room": return `<#${node.slug}>`;
      case "emoji": return `<:${node.name}>`;
      case "quote": return `<blockquote>${inner}</blockquote>`;
      default: return `<${node.type}${more}>${inner}</${node.type}>`;
    }
  };
  return texts.map((text) => {
    const tree = parseMarkdown(text, { mentions, emoji, own: new Set(own) });
    return tree.length === 1 && tree[0].type === "p" ? shown(tree[0].children) : shown(tree);
  });
}"""
