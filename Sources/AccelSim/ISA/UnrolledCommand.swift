/// Which unit put a command on its way to the reservation station.
public enum CommandOrigin: UInt8, CaseIterable, Sendable {
  case host, loopMatmul, loopConv
}

/// A command on its way from the RoCC port to the reservation station (facts 5.1).
public struct UnrolledCommand: Equatable, Sendable {
  public var command: Command
  public var origin: CommandOrigin

  @inlinable public init(_ command: Command, from origin: CommandOrigin = .host) {
    self.command = command
    self.origin = origin
  }
}

/// The reservation station's classes of commands (facts 5.5), and that of the nonlinear unit.
public enum CommandClass: Int, CaseIterable, Sendable {
  case load, execute, store, nonlinear
}

/// Commands of one unroller that left the reservation station in a cycle, by class: the pulses
/// that the unrollers' occupancy counters count down by (facts 5.2).
public struct CompletionCounts: Equatable, Sendable {
  public var load = 0
  public var execute = 0
  public var store = 0

  @inlinable public init() {}
}
