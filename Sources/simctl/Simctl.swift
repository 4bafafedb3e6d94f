import AccelSim
import Foundation

@main
struct Simctl {
  static func main() throws {
    let args = CommandLine.arguments
    let folder = args[1]
    let filter = args.count > 2 ? args[2] : ""
    let verbose = args.count > 3
    let isSoftware = folder.hasSuffix("software")
    let csv = try String(contentsOfFile: folder + "/golden.csv", encoding: .utf8)
    var rows = 0
    var exact = 0
    var cmdRows = 0, cmdExact = 0
    for line in csv.split(whereSeparator: \.isNewline).dropFirst() {
      var f = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if folder.contains("rtl-random") { f.remove(at: 1) }
      if isSoftware, !line.contains(",yes,") { continue }
      if isSoftware, !(f.count > 5) { continue }
      if !filter.isEmpty, !"\(f[0]).\(f[1]).\(f[2]).\(f[3])".contains(filter) { continue }
      guard var config = HardwareConfig.preset("rtl-" + f[1]), let latency = Int(f[2]), let gap = Int(f[3]) else { continue }
      config.memory.latency = latency
      config.host.issueInterval = gap
      let machine = try Machine(config)
      let path = isSoftware ? "\(folder)/\(f[0])/trace.txt" : "\(folder)/traces/\(f[0]).trace"
      let expected = f[4].split(separator: " ").compactMap { Int($0) }
      if expected.isEmpty { continue }
      rows += 1
      do {
        var reader = try TraceReader(path: path)
        reader.readsData = false
        var options = RunOptions()
        options.recordsCommands = true
        let out = try Simulator.run(&reader, on: machine, options: options)
        let same = out.result.fenceCycles == expected
        if same { exact += 1 } else {
          let a = out.result.fenceCycles.last ?? 0, b = expected.last ?? 1
          print(f[0], f[1], latency, gap, "ours", a, "rtl", b, "fences", out.result.fenceCycles.prefix(4), expected.prefix(4))
        }
        let cmds = "\(folder)/cmds/\(f[0]).\(f[1]).lat\(latency)\(gap == 1 ? "" : ".gap\(gap)").csv.gz"
        if FileManager.default.fileExists(atPath: cmds) {
          cmdRows += 1
          let p = Process()
          p.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
          p.arguments = ["-dc", cmds]
          let pipe = Pipe()
          p.standardOutput = pipe
          try p.run()
          let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
          p.waitUntilExit()
          let golden = text.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
          var diff = -1
          for (i, g) in golden.enumerated() {
            guard i < out.commands.count else { diff = i; break }
            let c = out.commands[i]
            if Int(g[7]) != c.allocated || (Int(g[8]) ?? -1) != c.issued || (Int(g[9]) ?? -1) != c.completed { diff = i; break }
          }
          if diff < 0 { cmdExact += 1 } else {
            let n = verbose ? 6 : 1
            if verbose || same { for i in diff..<min(diff + n, golden.count) {
              let c = i < out.commands.count ? out.commands[i] : nil
              print("   ", golden[i].joined(separator: ","), "| ours", c.map { "\($0.allocated) \($0.issued) \($0.completed)" } ?? "-")
            } }
          }
        }
      } catch { print(f[0], f[1], latency, gap, "ERROR", error) }
    }
    print("rows", rows, "exact", exact, "cmds", cmdRows, cmdExact)
  }
}
