"""The dial's promise, by property: no prefix of any page or walk exceeds the share."""

from hypothesis import given
from hypothesis import strategies as st

from feeds.dial import Count, Dial


@given(
    st.integers(0, 100),
    st.lists(st.booleans(), max_size=200),
    st.integers(1, 30),
)
def test_no_prefix_of_a_page_or_a_walk_holds_more_ai_than_the_share(share, items, limit):
    walk = Count()
    shown = []
    position = 0
    while position < len(items):
        dial = Dial(share, walk=walk)
        page = []
        while position < len(items) and len(page) < limit:
            if dial.admits(ai=items[position]):
                page.append(items[position])
            position += 1
        for length in range(1, len(page) + 1):
            assert sum(page[:length]) * 100 <= share * length
        walk = dial.walk
        shown += page
    for length in range(1, len(shown) + 1):
        assert sum(shown[:length]) * 100 <= share * length


@given(st.lists(st.booleans(), max_size=50))
def test_the_ends_of_the_dial(items):
    none, all_ = Dial(0), Dial(100)
    assert [ai for ai in items if none.admits(ai=ai)] == [ai for ai in items if not ai]
    assert [ai for ai in items if all_.admits(ai=ai)] == items


def test_half_means_every_second_from_the_second_on():
    dial = Dial(50)
    assert [dial.admits(ai=ai) for ai in (True, False, True, True, False, True)] == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]
