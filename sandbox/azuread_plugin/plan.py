"""What a change will do: the rules of Terraform's plugin SDK version 2, driven by the schema's data.

The real provider is written with that SDK, whose type system is older than Terraform's: to it null, "",
false, 0 and an empty collection are one. Source of the rules: helper/schema/grpc_provider.go and
helper/schema/schema.go of terraform-plugin-sdk.
"""

import json

from sandbox.azuread_plugin.schema import Node, empty
from sandbox.azuread_plugin.wire import UNKNOWN, Json, Value, wholly_known


def plan_change(root: Node, prior: Value, proposed: Value) -> tuple[Value, list[str]]:
    """The planned state of a resource, and the attributes whose change needs a new object.

    Args:
        prior: its state; None if it does not exist.
        proposed: Terraform's merge of configuration and state; None to destroy it.
    """
    if proposed is None:
        return None, []
    before = prior or empty(root)
    planned = normalized(root, _merge(root, before, proposed, fresh=False), proposed, applied=False)
    changed = [
        child
        for name, child in root.fields.items()
        if name != "timeouts" and comparable(child, before[name]) != comparable(child, planned[name])
    ]
    if prior is not None and not changed:
        return prior, []
    for child in changed:
        if "recomputes" in child.rules:
            planned[child.rules["recomputes"]] = UNKNOWN
    planned["timeouts"] = proposed["timeouts"]
    if prior is None:
        return _with_unknowns(root, planned), []
    replace = [child.name for child in changed if "force_new" in child.rules]
    # With "id" among them Terraform sees the replacement even if `ignore_changes` hides its cause.
    return planned, [*replace, "id"] if replace else []


def comparable(node: Node, value: Value) -> str:
    """A text that is equal for two values if the SDK sees no difference between them."""
    return json.dumps(_canonical(node, value), sort_keys=True, default=str)


def normalized(node: Node, made: Value, source: Value, *, applied: bool) -> Value:
    """A value, but as its source where they differ in null or empty only (the SDK's normalizeNullValues).

    Args:
        made: the value: a plan made from a proposal, or a state after an object was read.
        source: what it was made from: the proposal, the prior state, or after apply the planned state.
    """
    if source is UNKNOWN:
        return source if made is None and not applied else made
    if applied and node.collection and made is not UNKNOWN and not made and not source:
        return source
    if source is None or made is UNKNOWN:
        return made
    if node.kind == "object":
        return {
            name: normalized(child, (made or {}).get(name), source.get(name), applied=applied)
            for name, child in node.fields.items()
        }
    if node.kind == "list":
        return _normalized_list(node, made, source, applied=applied)
    planned_set = node.kind == "set" and applied and wholly_known(source)
    lost_text = node.kind == "string" and made is None and source == ""
    return source if planned_set or lost_text else made


def _canonical(node: Node, value: Value) -> Value:
    if value is UNKNOWN:
        return value
    if node.kind == "object":
        given = value or {}
        return {name: _canonical(child, given.get(name)) for name, child in node.fields.items()}
    if value is None:
        value = node.zero if node.default is None else node.default
    if node.kind == "set":
        return sorted(comparable(node.items(), item) for item in value)
    if node.kind == "list":
        return [_canonical(node.items(), item) for item in value]
    return value


def _merge(node: Node, old: Value, new: Value, *, fresh: bool) -> Value:
    """Lay a proposed value over the old one; `fresh` means inside a new element of a set."""
    # A list or set in which one element is not known is not known at all.
    if new is UNKNOWN or (node.kind in ("list", "set") and not node.of_blocks and UNKNOWN in (new or ())):
        return UNKNOWN
    if node.kind == "object":
        before, after = old or {}, new or {}
        return {
            name: _merge(child, before.get(name), after.get(name), fresh=fresh)
            for name, child in node.fields.items()
        }
    if node.of_blocks:
        return _merge_blocks(node, old or [], new or [], fresh=fresh)
    if new is None and node.default is not None:
        new = node.default
    if new is None:
        return _merge_unset(node, old, fresh=fresh)
    if node.collection and comparable(node, old) == comparable(node, new):
        return old
    return new


def _merge_unset(node: Node, old: Value, *, fresh: bool) -> Value:
    if node.computed:
        return UNKNOWN if fresh and old is None else old
    if node.collection:
        return node.zero if fresh or old else old
    if fresh:
        return "" if node.kind == "string" else None
    return None if old else old


def _merge_blocks(node: Node, old: list[Value], new: list[Value], *, fresh: bool) -> Value:
    body = node.items()
    if not new:
        if "computed_block" in node.rules:
            return old
        kept = node.rules.get("keeps_when_removed")
        if kept and len(old) == 1 and all(_is_default(body.fields[name], old[0]) for name in kept):
            return [_merge(body, old[0], None, fresh=fresh)]
        return []
    if node.kind == "list":
        olds = [*old, *[None] * len(new)]
        return [_merge(body, olds[index], item, fresh=fresh) for index, item in enumerate(new)]
    before = {comparable(body, item): item for item in old}
    if not fresh and before.keys() == {comparable(body, item) for item in new}:
        return old
    return [_merge(body, before.get(comparable(body, item)), item, fresh=True) for item in new]


def _is_default(node: Node, parent: Json) -> bool:
    """Whether an attribute or block has only zero values and defaults."""
    value = parent[node.name]
    if node.of_blocks and node.rules.get("keeps_when_removed"):
        return all(
            _is_default(node.items().fields[name], item)
            for item in value or []
            for name in node.rules["keeps_when_removed"]
        )
    return not value or value == node.default


def _with_unknowns(node: Node, value: Value) -> Value:
    """Mark everything computed that has no value yet as known after apply."""
    if value is UNKNOWN or node.kind in ("string", "number", "bool", "map"):
        return UNKNOWN if value is None and node.computed else value
    if node.kind == "object":
        if value is None:
            return value
        return {name: _with_unknowns(child, value[name]) for name, child in node.fields.items()}
    if not value and ("computed_block" in node.rules or (node.computed and value is None)):
        return UNKNOWN
    if not node.of_blocks:
        return value
    return [_with_unknowns(node.items(), item) for item in value]


def _normalized_list(node: Node, made: Value, source: list[Value], *, applied: bool) -> Value:
    if made is None:
        lost = not source if applied else all(item is UNKNOWN for item in source)
        return source if lost else made
    if len(made) != len(source):
        return made
    return [
        normalized(node.items(), item, source_item, applied=applied)
        for item, source_item in zip(made, source, strict=True)
    ]
