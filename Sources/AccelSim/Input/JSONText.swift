/// A place in a text file; lines and columns count from 1, columns in characters of the file.
public struct TextPosition: Equatable, Hashable, Comparable, Sendable {
  /// From 1; a line feed ends a line.
  public var line: Int
  /// Unicode scalars of the line up to here, from 1.
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: TextPosition, right: TextPosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A JSON value that knows where it stood.
package struct JSONValue: Sendable {
  /// What the value is.
  package enum Content: Sendable {
    case null
    case boolean(Bool)
    /// The number as written, well formed and in the range of `Int` (whole) or `Double`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
    /// Something that a problem has been reported for; readers pass over it.
    case invalid
  }

  package var content: Content
  package var position: TextPosition

  /// The number if it is written as a whole one, without fraction or exponent.
  package var integer: Int? {
    guard case .number(let text) = content else { return nil }
    return Int(text)
  }

  /// The value in a few words, for messages; safe to print whatever the file holds.
  package var summary: String {
    switch content {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let text): JSONText.shortened(text)
    case .string(let text): JSONText.quoted(JSONText.shortened(text))
    case .array: "a list"
    case .object: "an object"
    case .invalid: "something that is not JSON"
    }
  }
}

/// A key of an object with its value.
package struct JSONMember: Sendable {
  package var key: String
  package var keyPosition: TextPosition
  package var value: JSONValue
}

/// Why a text is not the JSON that this project accepts.
package struct JSONProblem: Equatable, Sendable {
  package var position: TextPosition
  /// Keys and list indices from the outermost value to the place, such as `layers[2].name`.
  package var path: String
  package var found: String
  package var expected: String
}

/// The result of reading JSON strictly (RFC 8259), with positions.
///
/// Stricter than Foundation's reader: duplicate keys, trailing commas, lone surrogates, numbers
/// that `Int` or `Double` cannot hold and deep nesting are problems. Reading goes on after a
/// problem where it safely can, so that a file's problems come together.
package struct JSONText: Sendable {
  /// The outermost value; `nil` when reading could not go on to the end.
  package let value: JSONValue?
  /// Empty exactly if the text is acceptable.
  package let problems: [JSONProblem]

  /// Reads `bytes`, which should be UTF-8. Never fails otherwise than through `problems`.
  package init(parsing bytes: [UInt8], maximumDepth: Int = 64) {
    var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
    let value = parser.parseDocument()
    self.value = value
    problems = parser.problems
  }

  /// `text` as a JSON string literal, control characters escaped.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// At most 40 characters of `text`, so that a message stays a line.
  static func shortened(_ text: String) -> String {
    text.unicodeScalars.count <= 40
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(39))) + "…"
  }

  /// `key` as part of a key path: itself if it is a plain word, else quoted.
  static func pathPart(_ key: String) -> String {
    let isPlain = key.utf8.allSatisfy {
      (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x24
    }
    return isPlain && !key.isEmpty ? shortened(key) : quoted(shortened(key))
  }
}
