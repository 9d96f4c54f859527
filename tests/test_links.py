"""What docs/links.py finds in a built site: links to nothing, and what a page fetches from elsewhere."""

import links
import pytest


@pytest.mark.parametrize(
    "page, fault",
    [
        ('<a href="b.html#here">', ""),
        ('<a href="b.html#gone">', "a.html: b.html#gone leads to no anchor"),
        ('<a href="c.html">', "a.html: c.html leads to no file"),
        ('<a href="#top"><p id="top">', ""),
        ('<a href="https://x.org/y">', ""),
        ('<script src="https://cdn.x.org/y.js"></script>', "a.html fetches https://cdn.x.org/y.js"),
        ('<img src="//x.org/y.png">', "a.html fetches //x.org/y.png"),
        ('<link rel="stylesheet" href="https://x.org/y.css">', "a.html fetches https://x.org/y.css"),
        ('<link rel="canonical" href="https://x.org/y">', ""),
        ('<img src="gone.png">', "a.html: gone.png leads to no file"),
        ('<link rel="next" href="gone.html">', "a.html: gone.html leads to no file"),
        ('<area href="gone.html"><area href="https://x.org/y">', "a.html: gone.html leads to no file"),
        ('<link rel="alternate stylesheet" href="//x.org/y">', "a.html fetches //x.org/y"),
        ('<img srcset="b.html, //x.org/y 2x">', "a.html fetches //x.org/y"),
        ('<img srcset="b.html 1x,gone.png 2x">', "a.html: gone.png leads to no file"),
        ('<video poster="//x.org/y">', "a.html fetches //x.org/y"),
        ('<audio src="//x.org/y">', "a.html fetches //x.org/y"),
        ('<object data="//x.org/y">', "a.html fetches //x.org/y"),
        ('<embed src="//x.org/y">', "a.html fetches //x.org/y"),
        ('<svg><image href="//x.org/y"/></svg>', "a.html fetches //x.org/y"),
        ('<svg><image xlink:href="//x.org/y"/></svg>', "a.html fetches //x.org/y"),
        ('<form action="//x.org/y">', "a.html fetches //x.org/y"),
        ('<button formaction="//x.org/y">', "a.html fetches //x.org/y"),
        ('<body background="//x.org/y">', "a.html fetches //x.org/y"),
        ('<link rel="preload" imagesrcset="//x.org/y 2x">', "a.html fetches //x.org/y"),
        ('<style>@import"https://x.org/y"</style>', 'a.html fetches @import"https://'),
        ('<p style="background: url(https://x.org/y)">', "a.html fetches url(https://"),
        ('<style>p { color: red }</style><p style="color: red">@import "https://x.org/y"</p>', ""),
    ],
)
def test_faults_of_a_built_site_are_found(tmp_path, page, fault):
    (tmp_path / "a.html").write_text(page)
    (tmp_path / "b.html").write_text('<h1 id="here">')
    assert links.faults(tmp_path) == ([fault] if fault else [])


def test_a_style_that_fetches_is_a_fault_and_an_empty_folder_an_error(tmp_path):
    with pytest.raises(ValueError, match="make site"):
        links.faults(tmp_path)
    (tmp_path / "a.html").write_text("")
    (tmp_path / "s.css").write_text("a { background: url('https://x.org/f.woff') }")
    assert links.faults(tmp_path) == ["s.css fetches url('https://"]
