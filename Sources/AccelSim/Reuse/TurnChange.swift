/// What a block does to the turn of the move-in scaler (`StateCodec.scalerTurn`).
enum TurnChange: Sendable {
  /// No row was scaled: the others moved the ring on, from wherever it stood, by so many of its lanes.
  case moved(by: Int, of: Int)
  /// The turn was asked for, or there was none.
  case changed(from: Int?, to: Int?)

  /// - Parameters:
  ///   - isMet: A row has been scaled between the two.
  ///   - lanes: Lanes of the ring.
  init(from start: Int?, to end: Int?, isMet: Bool, lanes: Int) {
    if let start, let end, !isMet {
      self = .moved(by: (end - start + lanes) % lanes, of: lanes)
    } else {
      self = .changed(from: start, to: end)
    }
  }

  /// Whether it is what happens where the turn is `turn`.
  func holds(at turn: Int?) -> Bool {
    switch self {
    case .moved: true
    case .changed(let start, _): start == turn
    }
  }

  /// The turn afterwards.
  func turn(after turn: Int?) -> Int? {
    switch self {
    case .moved(let distance, let lanes): turn.map { ($0 + distance) % lanes }
    case .changed(_, let end): end
    }
  }
}
