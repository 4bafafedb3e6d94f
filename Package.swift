// swift-tools-version: 6.2
import PackageDescription

// .ci/run sets it: a newer compiler's new warnings shall not keep anybody from building.
let settings: [SwiftSetting] =
  Context.environment["ACCELSIM_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

// .ci/robustness-tests sets it: in a release build its tests alone, with the library as users have it.
// The other tests see what is internal, for which every module would have to be built another time.
let onlyRobustness = Context.environment["ACCELSIM_TESTS"] == "robustness"
let commandSettings: [SwiftSetting] = onlyRobustness ? [.unsafeFlags(["-enable-testing"])] : []

let unitTests: [Target] = [
  .testTarget(
    name: "SystolicCoreTests", dependencies: ["SystolicCore"], swiftSettings: settings),
  .testTarget(name: "AccelSimTests", dependencies: ["AccelSim"], swiftSettings: settings),
  .testTarget(
    name: "simctlTests", dependencies: ["simctl", "AccelSim"], exclude: ["Snapshots"],
    swiftSettings: settings),
]

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
    .executableTarget(
      name: "simctl", dependencies: ["AccelSim"], swiftSettings: settings + commandSettings),
    .testTarget(
      name: "RobustnessTests", dependencies: ["simctl", "AccelSim"], swiftSettings: settings),
  ] + (onlyRobustness ? [] : unitTests),
  swiftLanguageModes: [.v6]
)
