/// FNV-1a of 64 bits: tells texts apart that differ by accident, not by intent.
struct Digest {
  private(set) var value: UInt64

  /// - Parameter seed: Added to the start value, for digests that shall differ.
  init(seed: UInt64 = 0) { value = seed &+ 0xCBF2_9CE4_8422_2325 }

  /// Of one text.
  init(_ text: some StringProtocol) {
    self.init()
    add(text.utf8)
  }

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  /// A text as one part of several: "ab" and "c" differ from "a" and "bc".
  mutating func add(part text: String) {
    add(text.utf8)
    // No byte of UTF-8.
    add(CollectionOfOne(0xFF))
  }

  /// 16 hexadecimal digits.
  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension WorkloadSteps {
  /// Adds the number of workloads, and the first and the last as a file would hold them.
  func add(to digest: inout Digest) {
    digest.add(part: "\(count)")
    for index in Set([0, count - 1]).sorted() {
      digest.add(part: (try? workload(at: index).json()) ?? "")
    }
  }

  /// Tells whether a name or a file still means what it meant.
  public var digest: String {
    var digest = Digest()
    add(to: &digest)
    return digest.text
  }
}
