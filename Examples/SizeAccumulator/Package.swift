// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "SizeAccumulator",
  dependencies: [.package(name: "AccelSim", path: "../..")],
  targets: [
    .executableTarget(
      name: "SizeAccumulator", dependencies: [.product(name: "AccelSim", package: "AccelSim")])
  ],
  swiftLanguageModes: [.v6]
)
