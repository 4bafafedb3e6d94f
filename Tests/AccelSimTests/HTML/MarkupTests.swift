import Testing

@testable import AccelSim

@Suite struct MarkupTests {
  @Test func everythingIsEscapedOnce() {
    let hostile = #"</script><img src=x onerror="a()">&amp;'"#
    let page = Markup("p", ["title": hostile], text: hostile).html
    let reader = PageReader(page)
    #expect(reader.problems == [])
    #expect(reader.elements.map(\.name) == ["p"])
    #expect(reader.elements[0].attributes == ["title": hostile])
    #expect(reader.elements[0].text == hostile)
  }

  /// Control characters, noncharacters and marks that turn the direction of the text.
  @Test func whatNoDocumentMayHold() {
    var text = ""
    Markup.escape("a\u{0}b\u{1B}c\u{FFFE}d\u{202E}e\u{2066}f\ng😀é", into: &text)
    #expect(text == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f g😀é")
  }

  @Test func emptyElementsAreClosed() {
    #expect(Markup("svg", [:], [Markup("rect")]).html == "\n<svg><rect></rect></svg>")
    #expect(Markup("input", ["hidden": ""]).html == "<input hidden>")
  }

  @Test(arguments: [
    (0.0, "0"), (-0.001, "0"), (1.005, "1"), (1.25, "1.25"), (-2.5, "-2.5"), (10.01, "10.01"),
    (123.999, "124"), (Double.nan, "0"), (Double.infinity, "0"), (1e300, "0"),
  ])
  func numbersAreAsShortAsTheyCanBe(_ value: Double, _ text: String) {
    #expect(SVGNumber.text(value) == text)
  }

  @Test func percentsOfNothingAreZero() {
    #expect(SVGNumber.percent(1, of: 3) == "33.333%")
    #expect(SVGNumber.percent(1, of: 1) == "100%")
    #expect(SVGNumber.percent(-1, of: 8) == "-12.5%")
    #expect(SVGNumber.percent(1, of: 0) == "0%")
  }

  /// The examples of FIPS 180-4, and the lengths around a block's end.
  @Test func hashes() {
    func hex(_ text: String) -> String {
      SHA256.hash(Array(text.utf8)).map { String(256 + Int($0), radix: 16).dropFirst() }.joined()
    }
    #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(hex(two) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    let million = String(repeating: "a", count: 1000)
    #expect(hex(million) == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
  }

  /// RFC 4648, chapter 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func base64(_ text: String, _ digits: String) {
    #expect(SHA256.base64(Array(text.utf8)) == digits)
  }
}
