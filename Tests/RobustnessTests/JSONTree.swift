import AccelSim

/// A JSON text as a tree that can be changed: members keep their order and may be there twice.
indirect enum JSONTree: Sendable {
  case object([(key: String, value: JSONTree)])
  case array([JSONTree])
  /// A string, a number or a name, as it stands in the text.
  case token(String)

  /// The tree of `bytes`, which are good JSON.
  init?(_ bytes: [UInt8]) {
    guard let value = JSONText(parsing: bytes).value else { return nil }
    self.init(value)
  }

  private init(_ value: JSONValue) {
    switch value.content {
    case .object(let members): self = .object(members.map { ($0.key, JSONTree($0.value)) })
    case .array(let elements): self = .array(elements.map { JSONTree($0) })
    case .string(let text): self = .token(JSONText.quoted(text))
    case .number(let text): self = .token(text)
    case .boolean(let value): self = .token("\(value)")
    case .null, .invalid: self = .token("null")
    }
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .token(let text): bytes += text.utf8
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes += [UInt8(ascii: ","), 0x0A] }
        bytes += JSONText.quoted(member.key).utf8
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  var count: Int {
    switch self {
    case .token: 0
    case .array(let elements): elements.count
    case .object(let members): members.count
    }
  }

  /// Some part of the tree, the whole or deep inside.
  func part(_ random: inout Seeded) -> JSONTree {
    guard count > 0, !random.oneIn(4) else { return self }
    switch self {
    case .token: return self
    case .array(let elements): return random.pick(elements).part(&random)
    case .object(let members): return random.pick(members).value.part(&random)
    }
  }
}

/// Changes of a JSON text that know its form: what is written is JSON most of the time.
enum JSONMutation {
  /// Makes one to three changes somewhere in `tree`; some come from `other`, another of its kind.
  static func apply(to tree: inout JSONTree, other: JSONTree, _ random: inout Seeded) {
    for _ in 0..<random.pick([1, 1, 1, 2, 3]) { descend(&tree, other, &random) }
  }

  private static func descend(
    _ tree: inout JSONTree, _ other: JSONTree, _ random: inout Seeded
  ) {
    guard tree.count > 0, !random.oneIn(6) else { return change(&tree, other, &random) }
    switch tree {
    case .token: break
    case .array(var elements):
      descend(&elements[random.below(elements.count)], other, &random)
      tree = .array(elements)
    case .object(var members):
      descend(&members[random.below(members.count)].value, other, &random)
      tree = .object(members)
    }
  }

  private static func change(_ tree: inout JSONTree, _ other: JSONTree, _ random: inout Seeded) {
    switch random.below(12) {
    case 0: tree = .token(random.pick(values))
    case 1: tree = other.part(&random)
    case 2:
      // Deeper than any file has to be.
      for _ in 0..<random.pick([1, 2, 70, 3000]) { tree = .array([tree]) }
    case 3: tree = .object([(random.pick(names), tree)])
    case 4: tree = .token(JSONText.quoted(String(repeating: "x", count: random.pick([201, 5000]))))
    default:
      switch tree {
      case .token(let text): tree = .token(changed(text, &random))
      case .array(var elements):
        changeMembers(&elements, { other.part(&$0) }, &random)
        tree = .array(elements)
      case .object(var members):
        if !members.isEmpty, random.oneIn(3) {
          members[random.below(members.count)].key = key(members.map(\.key), &random)
        } else {
          changeMembers(&members, { ($0.oneIn(2) ? "x" : "name", other.part(&$0)) }, &random)
        }
        tree = .object(members)
      }
    }
  }

  /// Deletes, doubles, exchanges or adds one.
  private static func changeMembers<T>(
    _ members: inout [T], _ new: (inout Seeded) -> T, _ random: inout Seeded
  ) {
    guard !members.isEmpty else { return members.append(new(&random)) }
    let index = random.below(members.count)
    switch random.below(5) {
    case 0, 1: members.remove(at: index)
    case 2: members.insert(members[index], at: random.below(members.count))
    case 3: members.swapAt(index, random.below(members.count))
    default: members.append(new(&random))
    }
  }

  /// A key that is misspelt, another's, or one that nobody would use.
  private static func key(_ keys: [String], _ random: inout Seeded) -> String {
    var key = random.pick(keys)
    switch random.below(4) {
    case 0 where !key.isEmpty: key.removeLast()
    case 1: key = random.pick(keys)
    case 2: key = random.pick(names)
    default: key = key.uppercased()
    }
    return key
  }

  /// Another number where there is one, else another word.
  private static func changed(_ text: String, _ random: inout Seeded) -> String {
    guard let number = Int(text), !random.oneIn(3) else { return random.pick(values) }
    switch random.below(6) {
    case 0: return "\(number &+ 1)"
    case 1: return "\(number &- 1)"
    case 2: return "\(number &* 2)"
    case 3: return "\(number / 2)"
    case 4: return "\(1 << random.below(20))"
    default: return "\(random.below(100))"
    }
  }

  /// What may stand as a value, and what may not.
  private static let values = [
    "0", "-0", "1", "-1", "2", "3", "0.5", "1e3", "1E+2", "1e-3", "1e308", "1e309", "-1e309",
    "1e-400",
    "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "1e19", "00", "01", "1.", ".5", "+1", "0x10", "NaN", "Infinity",
    "-Infinity", "null", "true", "false", "TRUE", "{}", "[]", "[[]]", "[null]", "\"\"", "\" \"",
    "\"1\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"é̂\u{202E}漢\"", "\"../../x\"",
    "\"/dev/zero\"", "\"<script>\"", "\"\\\"'&\"", "'x'", "", "// x\n1", "\"a\nb\"",
  ]

  private static let names = [
    "", " ", "x", "name", "é", "\u{202E}", "__proto__", "a.b", "a=b", "\u{0}", "0",
    String(repeating: "k", count: 300),
  ]
}
