/// Something that happened in a cycle; a line of a golden `events` file (golden/rtl/README.md).
public struct EventRecord: Equatable, Sendable {
  /// Cycle in which it happened; cycle 0 is the one that accepted the first command.
  public var cycle: Int
  /// What happened, in the recordings' words such as `tlA_get`.
  public var event: String
  /// Queue of the reservation station, where one is concerned.
  public var queue = ""
  /// Slot, bank or request.
  public var id = ""
  /// Running number of allocation.
  public var sequence = ""
  /// Function code of the command.
  public var function = ""
  /// First detail, by kind of event: a command's rs1, an address, a row of a bank, a count.
  public var a = ""
  /// Second detail: a command's rs2, or the local row of a move.
  public var b = ""
  /// What else the recordings note: the unroller of a command, columns or bytes of a row.
  public var note = ""

  public init(cycle: Int, event: String) {
    self.cycle = cycle
    self.event = event
  }

  /// First line of a file of events.
  public static let header = "cycle,event,q,id,seq,funct,a,b,note"

  /// The record as a line of comma-separated text.
  public var line: String {
    "\(cycle),\(event),\(queue),\(id),\(sequence),\(function),\(a),\(b),\(note)"
  }
}
