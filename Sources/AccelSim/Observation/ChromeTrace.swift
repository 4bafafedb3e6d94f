import SystolicCore

/// Writes events in the JSON Object Format of the Trace Event Format, which Perfetto and
/// chrome://tracing open. One microsecond stands for one cycle.
///
/// Source: "Trace Event Format", the document of the Catapult project that Perfetto refers to.
struct ChromeTrace {
  /// A row of slices: a thread of a process, in the format's words.
  struct Track: Equatable {
    var process: Int
    var thread: Int
  }

  private(set) var stream: ByteStream
  private var isEmpty = true

  init(_ sink: @escaping ByteSink) {
    stream = ByteStream(sink)
    stream.put("{\"traceEvents\":[")
  }

  // MARK: Events

  /// Starts an event of `phase` on `track`, up to its time.
  @inline(__always)
  private mutating func begin(_ phase: StaticString, _ track: Track, at time: Cycle) {
    if isEmpty {
      stream.put("\n{\"ph\":\"")
      isEmpty = false
    } else {
      stream.put(",\n{\"ph\":\"")
    }
    stream.put(phase)
    stream.put("\",\"pid\":")
    stream.put(track.process)
    stream.put(",\"tid\":")
    stream.put(track.thread)
    stream.put(",\"ts\":")
    stream.put(time)
  }

  @inline(__always)
  private mutating func end() {
    stream.put(byte: UInt8(ascii: "}"))
    stream.flushIfFull()
  }

  /// A whole slice. `name` is a JSON string literal in bytes.
  @inline(__always)
  mutating func slice(
    _ track: Track, _ name: [UInt8], from start: Cycle, until end: Cycle, isCut: Bool,
    command: String? = nil
  ) {
    begin("X", track, at: start)
    stream.put(",\"dur\":")
    stream.put(end - start)
    stream.put(",\"name\":")
    stream.put(name)
    if isCut || command != nil {
      stream.put(",\"args\":{")
      if let command {
        stream.put("\"command\":")
        stream.put(text: JSONText.quoted(command))
        if isCut { stream.put(byte: UInt8(ascii: ",")) }
      }
      if isCut { stream.put("\"cut\":1") }
      stream.put(byte: UInt8(ascii: "}"))
    }
    self.end()
  }

  /// A slice begins; `arguments` are the members of a JSON object.
  mutating func beginSlice(
    _ track: Track, _ name: [UInt8], category: StaticString, at time: Cycle,
    _ arguments: (inout ByteStream) -> Void
  ) {
    begin("B", track, at: time)
    stream.put(",\"cat\":\"")
    stream.put(category)
    stream.put("\",\"name\":")
    stream.put(name)
    stream.put(",\"args\":{")
    arguments(&stream)
    stream.put(byte: UInt8(ascii: "}"))
    end()
  }

  /// The slice that was begun last on `track` ends.
  mutating func endSlice(
    _ track: Track, at time: Cycle, _ arguments: ((inout ByteStream) -> Void)? = nil
  ) {
    begin("E", track, at: time)
    if let arguments {
      stream.put(",\"args\":{")
      arguments(&stream)
      stream.put(byte: UInt8(ascii: "}"))
    }
    end()
  }

  /// An arrow from the slice of `source` at one time to that of `target` at another.
  mutating func arrow(
    _ id: Int, from source: Track, at start: Cycle, to target: Track, at finish: Cycle
  ) {
    begin("s", source, at: start)
    stream.put(",\"cat\":\"dependency\",\"name\":\"dependency\",\"id\":")
    stream.put(id)
    end()
    begin("f", target, at: finish)
    stream.put(",\"cat\":\"dependency\",\"name\":\"dependency\",\"bp\":\"e\",\"id\":")
    stream.put(id)
    end()
  }

  /// The value of a counter from `time` on. `name` is a JSON string literal in bytes.
  @inline(__always)
  mutating func counter(_ process: Int, _ name: [UInt8], _ value: Int, at time: Cycle) {
    begin("C", Track(process: process, thread: process * 100), at: time)
    stream.put(",\"name\":")
    stream.put(name)
    stream.put(",\"args\":{\"value\":")
    stream.put(value)
    stream.put(byte: UInt8(ascii: "}"))
    end()
  }

  /// Names a process and puts it in its place among the others.
  mutating func name(process: Int, _ name: String) {
    metadata(
      "process_name", Track(process: process, thread: process * 100), "name", JSONText.quoted(name))
    metadata(
      "process_sort_index", Track(process: process, thread: process * 100), "sort_index",
      "\(process)")
  }

  /// Names a row and puts it in its place among the others of its process.
  mutating func name(_ track: Track, _ name: String) {
    metadata("thread_name", track, "name", JSONText.quoted(name))
    metadata("thread_sort_index", track, "sort_index", "\(track.thread)")
  }

  private mutating func metadata(
    _ kind: StaticString, _ track: Track, _ key: StaticString, _ value: String
  ) {
    begin("M", track, at: 0)
    stream.put(",\"name\":\"")
    stream.put(kind)
    stream.put("\",\"args\":{\"")
    stream.put(key)
    stream.put("\":")
    stream.put(text: value)
    stream.put(byte: UInt8(ascii: "}"))
    end()
  }

  // MARK: End

  /// Ends the file with facts about the whole: names and JSON values.
  ///
  /// - Throws: What the sink threw, now or before.
  mutating func finish(_ facts: [(name: String, value: String)]) throws {
    stream.put("\n],\n\"displayTimeUnit\":\"ns\",\n\"otherData\":{")
    for (index, fact) in facts.enumerated() {
      stream.put(text: (index == 0 ? "" : ",") + JSONText.quoted(fact.name) + ":" + fact.value)
    }
    stream.put("}}\n")
    stream.flush()
    if let failure = stream.failure { throw failure }
  }
}
