"""A page of the atlas whose console and requests are kept."""

from playwright.sync_api import Download, Page

# Names of lines and of thresholds that lie on the plot, on another name, or outside the picture.
MISPLACED = """() => {
    const chart = document.querySelector('#overtime svg');
    const edge = chart.querySelector('.grid').getBoundingClientRect().right;
    const boxes = [...chart.querySelectorAll('.endlabel')].map((node) => node.getBoundingClientRect());
    const misplaced = (box) => box.left < edge || box.right > chart.getBoundingClientRect().right + 1
        || boxes.some((other) => other !== box && other.top < box.bottom - 4 && box.top < other.bottom - 4);
    return boxes.length < 5 ? ['too few names'] : boxes.filter(misplaced).map((box) => JSON.stringify(box));
}"""


class Watched:
    """A page whose console and requests are kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, address: str) -> Page:
        self.page.goto(address)
        self.page.wait_for_selector("html[data-drawn]")
        return self.page


def download(page: Page, card: str, kind: str) -> Download:
    """What a card of the atlas saves."""
    page.locator(f"#{card} .take summary").click()
    with page.expect_download() as saved:
        page.locator(f"#{card} .take button", has_text=kind).first.click()
    assert saved.value.suggested_filename.endswith(f".{kind.lower()}")
    return saved.value
