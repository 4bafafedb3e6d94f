import SystolicCore

/// Writes a value change dump (IEEE 1364, section 18), which GTKWave opens. One nanosecond stands
/// for one cycle.
struct WaveDump {
  private(set) var stream: ByteStream
  private var widths: [Int] = []
  private var identifiers: [[UInt8]] = []
  private var values: [UInt64] = []
  /// Time of the last stamp.
  private var stamped: Cycle = -1
  /// Whether changes are written; values are kept in any case.
  private(set) var isWriting = false

  init(_ sink: @escaping ByteSink, comment: String) {
    stream = ByteStream(sink)
    // No date: the same run gives the same bytes.
    stream.put(text: "$comment\n\(comment)\n$end\n$timescale 1 ns $end\n")
  }

  // MARK: Declarations

  mutating func enter(_ module: StaticString) {
    stream.put("$scope module ")
    stream.put(module)
    stream.put(" $end\n")
  }

  mutating func leave() { stream.put("$upscope $end\n") }

  mutating func declare(_ name: StaticString, _ width: Int) {
    // Printable characters, the lowest digit first.
    var number = widths.count
    var identifier: [UInt8] = []
    repeat {
      identifier.append(33 + UInt8(number % 94))
      number /= 94
    } while number > 0
    identifiers.append(identifier)
    widths.append(width)
    values.append(0)
    stream.put("$var wire ")
    stream.put(width)
    stream.put(byte: 0x20)
    stream.put(identifier)
    stream.put(byte: 0x20)
    stream.put(name)
    if width > 1 {
      stream.put(" [")
      stream.put(width - 1)
      stream.put(":0]")
    }
    stream.put(" $end\n")
  }

  mutating func comment(_ text: String) { stream.put(text: "$comment \(text) $end\n") }

  mutating func endDeclarations() { stream.put("$enddefinitions $end\n") }

  // MARK: Values

  func value(_ signal: Int) -> UInt64 { values[signal] }

  /// Writes all values, and from now on every change.
  mutating func begin(at time: Cycle) {
    isWriting = true
    stamp(time)
    stream.put("$dumpvars\n")
    for signal in values.indices { write(signal) }
    stream.put("$end\n")
  }

  /// `signal` has `value` from `time` on.
  @inline(__always)
  mutating func set(_ signal: Int, _ value: UInt64, at time: Cycle) {
    guard values[signal] != value else { return }
    values[signal] = value
    guard isWriting else { return }
    stamp(time)
    write(signal)
  }

  private mutating func stamp(_ time: Cycle) {
    guard stamped != time else { return }
    stamped = time
    stream.put(byte: UInt8(ascii: "#"))
    stream.put(time)
    stream.put(byte: 0x0A)
    stream.flushIfFull()
  }

  private mutating func write(_ signal: Int) {
    let value = values[signal]
    if widths[signal] == 1 {
      stream.put(byte: 0x30 + UInt8(truncatingIfNeeded: value & 1))
    } else {
      stream.put(byte: UInt8(ascii: "b"))
      var bit = max(1, 64 - value.leadingZeroBitCount)
      while bit > 0 {
        bit -= 1
        stream.put(byte: 0x30 + UInt8(truncatingIfNeeded: value >> UInt64(bit) & 1))
      }
      stream.put(byte: 0x20)
    }
    stream.put(identifiers[signal])
    stream.put(byte: 0x0A)
  }

  /// Nothing changes any more before `time`.
  mutating func stop(at time: Cycle) {
    guard isWriting else { return }
    stamp(time)
    isWriting = false
  }

  /// Hands over what is left.
  ///
  /// - Throws: What the sink threw, now or before.
  mutating func finish() throws {
    stream.flush()
    if let failure = stream.failure { throw failure }
  }
}
