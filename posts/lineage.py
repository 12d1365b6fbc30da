"""What a post's images were made from, and what was made from them, as far as a viewer may know.

Upward, a work that the viewer may not see is a nameless leaf: its own parents are its owner's
business. A deleted work is a tombstone through which one sees further. Downward, what one may not
see is not there. Others' works are met only where their authors let them be met: in public posts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from media.models import Asset
from posts.models import Post, PostAsset
from posts.queries import assets_visible_to, met_in_public
from provenance.models import LineageEdge, Record
from users.models import Viewer

GENERATIONS_UP = 12
GENERATIONS_DOWN = 4
MOST_WORKS = 200


@dataclass(frozen=True, slots=True)
class Work:
    """A work in the tree. `asset` is None for one that the viewer may not see, or that is gone."""

    record: UUID
    asset: Asset | None
    deleted: bool
    post: UUID | None


@dataclass(slots=True)
class Tree:
    """`edges`: (child, parent, relation), by record. `cut`: there is more than is shown."""

    works: dict[UUID, Work] = field(default_factory=dict)
    edges: list[tuple[UUID, UUID, str]] = field(default_factory=list)
    shown: list[UUID] = field(default_factory=list)
    cut: bool = False

    def immediate(self) -> list[Work]:
        """What the shown images were made from."""
        return self._works(parent for child, parent, _ in self.edges if child in set(self.shown))

    def roots(self) -> list[Work]:
        """Ancestors of the shown images that were made from nothing that is known."""
        parents = defaultdict(set)
        for child, parent, _ in self.edges:
            parents[child].add(parent)
        found, left = set(), set(self.shown)
        while left:
            found |= left
            left = set().union(*(parents[one] for one in left)) - found
        return self._works(one for one in found if not parents[one] and one not in self.shown)

    def _works(self, records: Iterable[UUID]) -> list[Work]:
        return [self.works[record] for record in dict.fromkeys(records)]


def lineage_of(post: Post, viewer: Viewer) -> Tree:
    """The tree around the images of a post that the viewer sees."""
    shown = Asset.objects.shown().filter(postasset__post=post).order_by("postasset__position")
    tree = Tree(shown=list(shown.values_list("record_id", flat=True)))
    _add(tree, tree.shown, viewer, post)
    _climb(tree, viewer)
    _descend(tree, viewer)
    return tree


def _climb(tree: Tree, viewer: Viewer) -> None:
    frontier = set(tree.shown)
    for _ in range(GENERATIONS_UP):
        edges = LineageEdge.objects.filter(child__in=frontier).order_by("pk")
        found = list(edges.values_list("child_id", "parent_id", "relation"))
        fresh = {parent for _, parent, _ in found} - tree.works.keys()
        if not _fits(tree, fresh):
            return
        _add(tree, fresh, viewer)
        tree.edges += found
        # Nobody sees through a work that they may not see; through one that is gone they do.
        frontier = {one for one in fresh if tree.works[one].asset or tree.works[one].deleted}
        if not frontier:
            return
    tree.cut = True


def _descend(tree: Tree, viewer: Viewer) -> None:
    frontier = set(tree.shown)
    for _ in range(GENERATIONS_DOWN):
        edges = LineageEdge.objects.filter(parent__in=frontier).order_by("pk")
        found = list(edges.values_list("child_id", "parent_id", "relation"))
        fresh = {child for child, _, _ in found} - tree.works.keys()
        visible = {asset.record_id for asset in _met(fresh, viewer)}
        if not _fits(tree, visible):
            return
        _add(tree, visible, viewer)
        known = set(tree.edges)
        tree.edges += [edge for edge in found if edge[0] in visible and edge not in known]
        frontier = visible
        if not frontier:
            return


def _fits(tree: Tree, fresh: set[UUID]) -> bool:
    tree.cut = tree.cut or len(tree.works) + len(fresh) > MOST_WORKS
    return not tree.cut


def _add(tree: Tree, records: Iterable[UUID], viewer: Viewer, post: Post | None = None) -> None:
    keys = list(records)
    assets = {asset.record_id: asset for asset in _met(keys, viewer, post)}
    posts = _posts_of(assets.values(), viewer)
    removed = Record.objects.filter(pk__in=keys, removed_at__isnull=False)
    gone = set(removed.values_list("pk", flat=True))
    for key in keys:
        asset = assets.get(key)
        tree.works[key] = Work(key, asset, key in gone, posts.get(asset.pk) if asset else None)


def _met(records: Iterable[UUID], viewer: Viewer, post: Post | None = None) -> list[Asset]:
    """The images of these works that the viewer may meet: their own, in public posts, in `post`."""
    met = met_in_public(viewer)
    if post is not None:
        met |= Q(postasset__post=post)
    visible = assets_visible_to(viewer).filter(record__in=list(records))
    return list(visible.filter(met).distinct().hydrated())


def _posts_of(assets: Iterable[Asset], viewer: Viewer) -> dict[UUID, UUID]:
    """The oldest post in which the viewer meets each image."""
    posts = Post.objects.visible_to(viewer)
    met = posts.discoverable() | posts.filter(author=viewer.pk)
    pairs = PostAsset.objects.filter(asset__in=[asset.pk for asset in assets], post__in=met)
    found: dict[UUID, UUID] = {}
    for asset, post in pairs.order_by("post_id").values_list("asset_id", "post_id"):
        found.setdefault(asset, post)
    return found
