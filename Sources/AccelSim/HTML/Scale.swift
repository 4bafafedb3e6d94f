import Glibc

/// Numbers to places on a page, linear or by their logarithm.
struct Scale: Sendable {
  let isLogarithmic: Bool
  let domain: ClosedRange<Double>
  /// Where the ends of the domain stand; the second may be the smaller.
  let range: (Double, Double)

  /// - Parameter domain: Above 0 if `isLogarithmic`. One number is widened, so that it has a place.
  init(_ domain: ClosedRange<Double>, to range: (Double, Double), isLogarithmic: Bool = false) {
    self.isLogarithmic = isLogarithmic
    self.range = range
    if domain.lowerBound < domain.upperBound {
      self.domain = domain
    } else if isLogarithmic {
      self.domain = domain.lowerBound / 2...domain.lowerBound * 2
    } else {
      self.domain = domain.lowerBound - 0.5...domain.lowerBound + 0.5
    }
  }

  /// The place of `value`.
  func callAsFunction(_ value: Double) -> Double {
    let low = measure(domain.lowerBound)
    let share = (measure(value) - low) / (measure(domain.upperBound) - low)
    return range.0 + share * (range.1 - range.0)
  }

  private func measure(_ value: Double) -> Double { isLogarithmic ? log2(value) : value }

  /// Round numbers within the domain: about `count` of them on a linear scale, powers of two on a
  /// logarithmic one, as many as `count` allows.
  func ticks(_ count: Int) -> [Double] {
    isLogarithmic ? powers(count) : Self.multiples(in: domain, count)
  }

  private func powers(_ count: Int) -> [Double] {
    let (low, high) = (log2(domain.lowerBound), log2(domain.upperBound))
    let step = max(1, ((high - low) / Double(max(1, count))).rounded(.up))
    return stride(from: (low / step).rounded(.up) * step, through: high + 1e-9, by: step).map(exp2)
  }

  private static func multiples(in domain: ClosedRange<Double>, _ count: Int) -> [Double] {
    let step = niceStep(domain.upperBound - domain.lowerBound, count)
    let first = Int((domain.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((domain.upperBound / step + 1e-9).rounded(.down))
    return first > last ? [] : (first...last).map { Double($0) * step }
  }

  /// The smallest of 1, 2 and 5 times a power of ten that cuts `span` into at most `count` parts.
  static func niceStep(_ span: Double, _ count: Int) -> Double {
    let least = span / Double(max(1, count))
    guard least.isFinite, least > 0 else { return 1 }
    let power = pow(10, (log10(least) + 1e-9).rounded(.down))
    for factor in [1.0, 2, 5] where factor * power >= least * (1 - 1e-9) { return factor * power }
    return 10 * power
  }
}

/// How numbers stand at axes and in headlines: short.
enum ShortNumber {
  private static let units: [(Double, String)] = [
    (1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k"),
  ]

  /// `1234567` as `1.23 M`: three significant digits.
  static func text(_ value: Double) -> String {
    guard let (unit, suffix) = units.first(where: { abs(value) >= $0.0 * 0.9995 }) else {
      return digits(value)
    }
    return digits(value / unit) + suffix
  }

  /// Ticks with what all of them need: the unit of the largest, the decimals of the step.
  static func ticks(_ values: [Double]) -> [String] {
    let largest = values.map(abs).max() ?? 0
    let (unit, suffix) = units.first { largest >= $0.0 } ?? (1, "")
    return values.map { value in
      value == 0 ? "0" : trimmed(TextFormat.fixed(value / unit, 6)) + suffix
    }
  }

  /// Powers of two: fractions below 1.
  static func power(_ value: Double) -> String {
    value < 1 ? "1/" + TextFormat.fixed(1 / value, 0) : text(value)
  }

  /// Bytes in the largest unit of 1024 that leaves at least 1.
  static func bytes(_ value: Int) -> String {
    let units: [(Double, String)] = [(1_073_741_824, " GiB"), (1_048_576, " MiB"), (1024, " KiB")]
    for (unit, suffix) in units where Double(value) >= unit {
      return digits(Double(value) / unit) + suffix
    }
    return "\(value) bytes"
  }

  private static func digits(_ value: Double) -> String {
    let size = abs(value)
    if size >= 99.95 || size == 0 { return TextFormat.fixed(value, 0) }
    return trimmed(TextFormat.fixed(value, size >= 9.995 ? 1 : size >= 0.0995 ? 2 : 4))
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}

/// How much room a text takes, roughly: what is drawn is never measured.
enum TextWidth {
  /// In the unit of `size`, which is the height of the letters.
  static func estimate(_ text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { sum, scalar in
      // Letters outside of the first planes' alphabets are about as wide as high.
      sum + (scalar.value < 0x1100 ? 0.58 : 1.1) * size
    }
  }

  /// `text`, or its beginning with an ellipsis, in `width`; nothing where not even that fits.
  static func fitted(_ text: String, _ width: Double, size: Double) -> String {
    if estimate(text, size: size) <= width { return text }
    var text = text
    while text.count > 1 {
      text.removeLast()
      if estimate(text + "…", size: size) <= width { return text + "…" }
    }
    return ""
  }
}
