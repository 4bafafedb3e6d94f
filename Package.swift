// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "AccelSim",
  products: [
    .library(name: "AccelSim", targets: ["AccelSim"]),
    .executable(name: "simctl", targets: ["simctl"]),
  ],
  targets: [
    .target(name: "SystolicCore"),
    .target(
      name: "AccelSim", dependencies: ["SystolicCore"],
      resources: [.embedInCode("Study/transformer-inference.json")]),
    .executableTarget(name: "simctl", dependencies: ["AccelSim"]),
    .testTarget(name: "SystolicCoreTests", dependencies: ["SystolicCore"]),
    .testTarget(name: "AccelSimTests", dependencies: ["AccelSim"]),
    .testTarget(
      name: "simctlTests", dependencies: ["simctl", "AccelSim"], exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)
