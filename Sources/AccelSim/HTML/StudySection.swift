/// A study's claims as parts of a page.
struct StudySection: Sendable {
  let report: StudyReport

  var section: HTMLPage.Section {
    HTMLPage.Section(
      id: "study", title: report.title, content: [cards] + report.claims.map(claim))
  }

  private static let order: [(verdict: StudyReport.Verdict, name: String, note: String)] = [
    (.reproduced, "Reproduced", "inside their bands"),
    (.knownOutside, "Known gaps", "outside, and the note says why"),
    (.outside, "Outside", "and nobody knew"),
    (.unexpectedlyInside, "Gaps closed", "inside, although the study says outside"),
    (.pending, "Not covered", "no check yet"),
  ]

  private var cards: Markup {
    let cards = Self.order.compactMap { verdict, name, note in
      let count = report.claims.count { $0.verdict == verdict }
      return count == 0
        ? nil : RunSection.card(name, "\(count) of \(report.claims.count)", note)
    }
    return Markup("dl", ["class": "cards"], cards)
  }

  private func claim(_ claim: StudyReport.Claim) -> Markup {
    let isBad = claim.verdict == .outside || claim.verdict == .unexpectedlyInside
    var content = [
      Markup(
        "h3", [:],
        [
          .text("\(claim.id): \(claim.claim) "),
          Markup(
            "span", ["class": isBad ? "verdict bad" : "verdict"], text: claim.verdict.words),
        ]), Markup("p", ["class": "hint"], text: claim.source),
    ]
    if !claim.checks.isEmpty { content.append(table(claim)) }
    if let note = claim.note { content.append(Markup("p", text: "Note: \(note)")) }
    return Markup("div", ["class": "claim", "id": "claim-\(Self.identifier(claim.id))"], content)
  }

  /// Letters and digits of `text`.
  private static func identifier(_ text: String) -> String {
    text.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  private func table(_ claim: StudyReport.Claim) -> Markup {
    let heading = ["Check", "Source says", "Measured", "Band", "Where it lies", "Verdict"].map {
      Markup("th", ["scope": "col"], text: $0)
    }
    let rows = claim.checks.map { check in
      let isInside = check.verdict == .reproduced || check.verdict == .unexpectedlyInside
      let chart = BandChart(
        value: check.measured, from: check.from, to: check.to, isGood: isInside,
        words: "\(check.measuredText), band \(check.bandText): \(isInside ? "inside" : "outside")")
      return Markup(
        "tr", [:],
        [
          Markup("th", ["scope": "row", "class": "wraps"], text: check.what),
          Markup("td", ["class": "wraps-short"], text: check.paper),
          Markup("td", ["class": "number"], text: check.measuredText),
          Markup("td", ["class": "number"], text: check.bandText),
          Markup("td", [:], [chart.markup]),
          Markup("td", [:], [.text(check.verdict.words)]),
        ])
    }
    let caption = "Checks of \(claim.id): a circle is inside its band, a bar outside"
    return Markup(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      [
        Markup(
          "table", ["class": "checks"],
          [
            Markup("caption", text: caption),
            Markup("thead", [:], [Markup("tr", [:], heading)]), Markup("tbody", [:], rows),
          ])
      ])
  }
}

extension HTMLReport {
  /// The page of a study.
  public static func page(_ report: StudyReport) -> String {
    var words = [report.source]
    if !report.settings.isEmpty {
      words.append("all runs: \(report.settings.joined(separator: ", "))")
    }
    return HTMLPage(
      title: report.title, summary: words.joined(separator: "; "),
      sections: [StudySection(report: report).section]
    ).text
  }
}
