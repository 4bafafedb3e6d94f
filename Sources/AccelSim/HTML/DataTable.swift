/// A table whose columns can be sorted by their buttons.
struct DataTable: Sendable {
  struct Column: Sendable {
    var title: String
    /// To the right, and sorted by value: numbers with commas, `-` for none.
    var isNumber = true
    /// Whether long content goes on in the next line.
    var wraps = false
  }

  /// A cell: a text, with a square before it that shows its colour.
  struct Cell: Sendable {
    var text: String
    var swatch: Markup?
    /// What appears when the pointer rests on it.
    var tip: String?

    init(_ text: String, swatch: Markup? = nil, tip: String? = nil) {
      self.text = text
      self.swatch = swatch
      self.tip = tip
    }
  }

  var caption: String
  var columns: [Column]
  /// The first cell names the row.
  var rows: [[Cell]] = []
  /// Stands below the others, however they are sorted.
  var total: [Cell]?
  /// Whether the search box of its section looks through it.
  var isSearchable = false

  static func text(_ title: String, wraps: Bool = false) -> Column {
    Column(title: title, isNumber: false, wraps: wraps)
  }

  static func number(_ title: String) -> Column { Column(title: title) }

  var markup: Markup {
    let heading = columns.map { column in
      Markup(
        "th",
        ["scope": "col", "aria-sort": "none", "class": column.isNumber ? "number" : "words"],
        [Markup("button", ["type": "button"], text: column.title)])
    }
    var parts = [
      Markup("caption", text: caption),
      Markup("thead", [:], [Markup("tr", [:], heading)]),
      Markup("tbody", [:], rows.map { row($0) }),
    ]
    if let total { parts.append(Markup("tfoot", [:], [row(total)])) }
    return Markup(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      [Markup("table", ["class": isSearchable ? "data searchable" : "data"], parts)])
  }

  private func row(_ cells: [Cell]) -> Markup {
    Markup(
      "tr", [:],
      cells.enumerated().map { index, cell in
        let column = columns[index]
        let style = (column.isNumber ? "number" : "words") + (column.wraps ? " wraps" : "")
        let content = [cell.swatch, .text(cell.text)].compactMap(\.self)
        var element =
          index == 0
          ? Markup("th", ["scope": "row", "class": style], content)
          : Markup("td", ["class": style], content)
        if let tip = cell.tip { element = element.with("title", tip) }
        return element
      })
  }
}
