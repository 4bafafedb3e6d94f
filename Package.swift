// swift-tools-version: 6.2
import PackageDescription

// .ci/run sets it: a newer compiler's new warnings shall not keep anybody from building.
let settings: [SwiftSetting] =
  Context.environment["ACCELSIM_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let package = Package(
  name: "AccelSim",
  products: [
    .library(name: "AccelSim", targets: ["AccelSim"]),
    .executable(name: "simctl", targets: ["simctl"]),
  ],
  targets: [
    .target(name: "SystolicCore", swiftSettings: settings),
    .target(
      name: "AccelSim", dependencies: ["SystolicCore"],
      resources: [
        .embedInCode("Study/transformer-inference.json"), .embedInCode("HTML/report.css"),
        .embedInCode("HTML/report.js"),
      ], swiftSettings: settings),
    .executableTarget(name: "simctl", dependencies: ["AccelSim"], swiftSettings: settings),
    .testTarget(
      name: "SystolicCoreTests", dependencies: ["SystolicCore"], swiftSettings: settings),
    .testTarget(name: "AccelSimTests", dependencies: ["AccelSim"], swiftSettings: settings),
    .testTarget(
      name: "simctlTests", dependencies: ["simctl", "AccelSim"], exclude: ["Snapshots"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
