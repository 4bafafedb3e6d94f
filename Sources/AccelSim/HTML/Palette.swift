/// How parts of charts are told apart: a colour for each kind of unit, and within a kind by a pattern,
/// so that no two parts differ in colour alone. The colours are Okabe's and Ito's, which
/// colour-blind people tell apart; `report.css` has their values for light and dark.
enum Palette {
  /// A kind of part; its name is its class in `report.css`.
  enum Family: String, CaseIterable, Sendable {
    case array, waiting, nonlinear, load, store, host, rest

    /// In legends.
    var name: String {
      switch self {
      case .array: "array busy"
      case .waiting: "array waits"
      case .nonlinear: "nonlinear unit"
      case .load: "loads"
      case .store: "stores"
      case .host: "host"
      case .rest: "commands on their way"
      }
    }

    var style: String { "f-\(rawValue)" }
  }

  /// The kind that a use of cycles belongs to.
  static func family(_ use: CycleUse) -> Family {
    switch use {
    case .arrayBusy: .array
    case .bankConflict, .operandConflict, .meshFull, .flush, .hazard, .waitsForResults,
      .waitsForCommand:
      .waiting
    case .nonlinearUnit: .nonlinear
    case .loads: .load
    case .stores: .store
    case .hostWork, .hostConversion: .host
    case .nothing: .rest
    }
  }

  /// The lines on a use's colour, in a square of 6; empty where the colour is enough.
  private static func marks(_ use: CycleUse) -> String {
    switch use {
    case .bankConflict, .hostConversion: "M-1 7L7-1M-1 1L1-1M5 7L7 5"
    case .operandConflict: "M-1-1L7 7M5-1L7 1M-1 5L1 7"
    case .flush: "M1.5 2h1.5M4.5 5H6"
    case .hazard: "M0 3H6M3 0V6"
    case .waitsForResults: "M0 3H6"
    case .waitsForCommand: "M3 0V6"
    case .stores: "M-1-1L7 7M5-1L7 1M-1 5L1 7"
    default: ""
    }
  }

  /// What fills the parts of a use.
  static func fill(_ use: CycleUse) -> String { "url(#use\(use.rawValue))" }

  /// What fills what is written, beside what is read.
  static let writtenFill = "url(#written)"
  static let readFill = "url(#read)"

  /// The definitions that `fill` refers to; once in a page.
  static var patterns: Markup {
    var definitions = CycleUse.allCases.map { use in
      pattern("use\(use.rawValue)", family(use), marks(use))
    }
    definitions.append(pattern("read", .load, ""))
    definitions.append(pattern("written", .store, marks(.stores)))
    return Markup(
      "svg", ["class": "patterns", "width": "0", "height": "0", "aria-hidden": "true"],
      [Markup("defs", [:], definitions)])
  }

  private static func pattern(_ id: String, _ family: Family, _ marks: String) -> Markup {
    var pattern = Markup(
      "pattern", ["id": id, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"],
      [Markup("rect", ["width": "6", "height": "6", "class": family.style])])
    if !marks.isEmpty { pattern.append(Markup("path", ["d": marks, "class": "mark"])) }
    return pattern
  }

  /// A square that shows a fill, beside its name.
  static func swatch(fill: String) -> Markup {
    swatch(Markup("rect", ["width": "14", "height": "14", "fill": fill]))
  }

  /// A square that shows a style of `report.css`, beside its name.
  static func swatch(style: String) -> Markup {
    swatch(Markup("rect", ["width": "14", "height": "14", "class": style]))
  }

  private static func swatch(_ content: Markup) -> Markup {
    Markup(
      "svg", ["class": "swatch", "width": "14", "height": "14", "aria-hidden": "true"], [content])
  }

  /// Names beside their squares.
  static func legend(_ entries: [(swatch: Markup, name: String)]) -> Markup {
    Markup(
      "ul", ["class": "legend"],
      entries.map { Markup("li", [:], [$0.swatch, .text($0.name)]) })
  }
}
