"""Who may see what, said a second time: in plain Python over plain facts, knowing no queries."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Person:
    name: str
    private: bool = False
    suspended: bool = False


@dataclass
class Image:
    owner: str
    id: UUID
    hidden: bool = False
    held: bool = False


@dataclass
class Post:
    author: str
    id: UUID
    images: list[Image]
    state: str
    visibility: str
    tag: str
    open_to_saving: bool = True
    hidden: bool = False
    versions: list[str] = field(default_factory=list)
    reactions: set[tuple[str, str]] = field(default_factory=set)


@dataclass
class Comment:
    author: str
    id: UUID
    post: Post
    gone: bool = False
    answers: bool = False


@dataclass
class Board:
    owner: str
    id: UUID
    secret: bool
    hidden: bool = False
    let_in: set[str] = field(default_factory=set)
    items: list[Post] = field(default_factory=list)


class Facts:
    """All that is the case. A viewer is a name, or None for somebody who has not signed in."""

    def __init__(self, names: list[str], tags: list[str]) -> None:
        self.people = {name: Person(name) for name in names}
        self.tags = tags
        self.follows: set[tuple[str, str]] = set()
        self.requests: set[tuple[str, str]] = set()
        self.blocks: set[tuple[str, str]] = set()
        self.tag_follows: set[tuple[str, str]] = set()
        self.images: list[Image] = []
        self.posts: list[Post] = []
        self.comments: list[Comment] = []
        self.boards: list[Board] = []

    # The oracle proper.

    def meets(self, viewer: str | None, name: str) -> bool:
        """Whether somebody stands in the open for the viewer: not suspended, no block between."""
        apart = {(viewer, name), (name, viewer)} & self.blocks
        return viewer == name or not (apart or self.people[name].suspended)

    def is_let_in(self, viewer: str | None, name: str, visibility: str) -> bool:
        if visibility == "private":
            return False
        closed = visibility == "followers" or self.people[name].private
        return (viewer, name) in self.follows if closed else True

    def shows(self, image: Image) -> bool:
        return not (image.hidden or image.held)

    def can_see(self, viewer: str | None, post: Post) -> bool:
        if post.state == "removed":
            return False
        if post.author == viewer:
            return True
        standing = post.state == "published" and not post.hidden
        something = not post.images or any(map(self.shows, post.images))
        let_in = self.is_let_in(viewer, post.author, post.visibility)
        return standing and something and let_in and self.meets(viewer, post.author)

    def can_see_image(self, viewer: str | None, image: Image) -> bool:
        posted = any(image in post.images and self.can_see(viewer, post) for post in self.posts)
        return image.owner == viewer or (posted and self.shows(image))

    def can_see_comment(self, viewer: str | None, comment: Comment) -> bool:
        author = self.people[comment.author]
        apart = author.suspended or not self.meets(viewer, comment.author)
        return self.can_see(viewer, comment.post) and not (comment.gone or apart)

    def can_see_board(self, viewer: str | None, board: Board) -> bool:
        if board.owner == viewer:
            return True
        open_ = not board.secret and self.is_let_in(viewer, board.owner, "public")
        let_in = open_ or viewer in board.let_in
        return let_in and not board.hidden and self.meets(viewer, board.owner)

    # What follows for the surfaces.

    def on_board(self, viewer: str | None, board: Board) -> list[Post]:
        shown = [post for post in board.items if self.is_published(viewer, post)]
        return [post for post in shown if post.open_to_saving or post.author == board.owner]

    def is_published(self, viewer: str | None, post: Post) -> bool:
        return post.state == "published" and self.can_see(viewer, post)

    def is_discoverable(self, viewer: str | None, post: Post) -> bool:
        open_ = post.visibility == "public" and not self.people[post.author].private
        return open_ and not post.hidden and self.is_published(viewer, post)

    def is_at_home(self, viewer: str, post: Post) -> bool:
        """What a home feed is, asked post by post."""
        if not self.is_published(viewer, post):
            return False
        near = post.author == viewer or (viewer, post.author) in self.follows
        open_ = post.visibility == "public" and not self.people[post.author].private
        return near or (open_ and (viewer, post.tag) in self.tag_follows)

    def can_see_version(self, viewer: str | None, post: Post, visibility: str) -> bool:
        if not self.can_see(viewer, post):
            return False
        if viewer == post.author or visibility in {"public", "unlisted"}:
            return True
        return visibility == "followers" and (viewer, post.author) in self.follows
