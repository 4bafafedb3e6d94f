import AccelSim

@main
struct Simctl {
  static func main() {}
}
