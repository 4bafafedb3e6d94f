/// What happened when: a run in consecutive bins of time.
///
/// The bins of a run have no fixed width: an edge lies in the first cycle after the regular place in
/// which the simulation stood, so that nothing is ever divided between two bins, and whatever is
/// added up over all bins is the run's own total.
public struct Timeline: Codable, Equatable, Sendable {
  /// A row of numbers, one a bin.
  public struct Series: Codable, Equatable, Sendable {
    /// What is counted; in `uses`, a reason such as `array busy`.
    public var name: String
    /// Cycles, or entries times cycles, or bytes.
    public var values: [Int]

    public init(name: String, values: [Int]) {
      self.name = name
      self.values = values
    }
  }

  /// A unit's cycles in each bin; what is neither is idle.
  public struct Unit: Codable, Equatable, Sendable {
    /// As in `UnitAccount.unit`; also `host`.
    public var unit: String
    /// Cycles of each bin in which it works.
    public var busy: [Int]
    /// It has work and cannot go on.
    public var waiting: [Int]

    public init(unit: String, busy: [Int], waiting: [Int]) {
      self.unit = unit
      self.busy = busy
      self.waiting = waiting
    }
  }

  /// How full a buffer was.
  public struct Buffer: Codable, Equatable, Sendable {
    /// Such as `reservation station, load` or `reads in flight`.
    public var name: String
    /// Entries that it has.
    public var capacity: Int
    /// Entries in use times cycles, in each bin: over the bin's cycles, the mean.
    public var entryCycles: [Int]

    public init(name: String, capacity: Int, entryCycles: [Int]) {
      self.name = name
      self.capacity = capacity
      self.entryCycles = entryCycles
    }
  }

  /// First cycle of each bin.
  public var starts: [Int]
  /// First cycle behind the last bin.
  public var end: Int
  /// What every cycle went to, by `CycleUse`; they add up to the bins' cycles. A use that no bin has is
  /// left out.
  public var uses: [Series]
  /// The controllers, both halves of the DMA and, last, the host.
  public var units: [Unit]
  /// Queues of the reservation station and requests in flight; those that the machine has.
  public var buffers: [Buffer]
  /// Bytes of read requests on the bus, in each bin.
  public var readBytes: [Int]
  /// Bytes of write requests on the bus, in each bin.
  public var writtenBytes: [Int]

  /// Most bins that a timeline has.
  public static let maximumBins = 512

  /// Cycles of the bin at `index`.
  public func cycles(of index: Int) -> Int {
    (index + 1 < starts.count ? starts[index + 1] : end) - starts[index]
  }

  /// Adds what came after this.
  public mutating func append(_ next: Timeline) {
    let count = starts.count
    starts += next.starts.map { $0 + end }
    end += next.end
    func joined(_ own: [Int]?, _ other: [Int]?) -> [Int] {
      (own ?? [Int](repeating: 0, count: count))
        + (other ?? [Int](repeating: 0, count: next.starts.count))
    }
    var order = uses.map(\.name)
    for series in next.uses where !order.contains(series.name) { order.append(series.name) }
    uses = order.map { name in
      Series(
        name: name,
        values: joined(
          uses.first { $0.name == name }?.values, next.uses.first { $0.name == name }?.values))
    }
    for index in units.indices {
      let other = next.units.first { $0.unit == units[index].unit }
      units[index].busy = joined(units[index].busy, other?.busy)
      units[index].waiting = joined(units[index].waiting, other?.waiting)
    }
    for index in buffers.indices {
      let other = next.buffers.first { $0.name == buffers[index].name }
      buffers[index].entryCycles = joined(buffers[index].entryCycles, other?.entryCycles)
    }
    readBytes = joined(readBytes, next.readBytes)
    writtenBytes = joined(writtenBytes, next.writtenBytes)
    while starts.count > Self.maximumBins { halve() }
  }

  /// The whole run as one bin.
  public var total: Timeline {
    var total = self
    while total.starts.count > 1 { total.halve() }
    return total
  }

  /// Joins each two neighbouring bins.
  private mutating func halve() {
    func pairs(_ values: [Int]) -> [Int] {
      stride(from: 0, to: values.count, by: 2).map {
        values[$0] + ($0 + 1 < values.count ? values[$0 + 1] : 0)
      }
    }
    starts = stride(from: 0, to: starts.count, by: 2).map { starts[$0] }
    for index in uses.indices { uses[index].values = pairs(uses[index].values) }
    for index in units.indices {
      units[index].busy = pairs(units[index].busy)
      units[index].waiting = pairs(units[index].waiting)
    }
    for index in buffers.indices { buffers[index].entryCycles = pairs(buffers[index].entryCycles) }
    readBytes = pairs(readBytes)
    writtenBytes = pairs(writtenBytes)
  }
}
