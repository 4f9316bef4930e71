internal import Foundation

let known = ["digests", "identities", "bodies", "memory", "redis"]
let asked = CommandLine.arguments.dropFirst()
if asked.first == "memory-only" {
  FileHandle.standardOutput.write(try JSONEncoder().encode(try MemoryBench.run()))
  exit(0)
}
let sizes = asked.compactMap { Int($0) }
let names = asked.filter { Int($0) == nil }
if let unknown = names.first(where: { !known.contains($0) }) {
  FileHandle.standardError.write(
    Data("\(unknown) is none of \(known.joined(separator: ", "))\n".utf8))
  exit(64)
}
for name in names.isEmpty ? known : Array(names) {
  switch name {
  case "digests":
    for size in sizes.isEmpty ? [10_000, 100_000, 1_000_000, 10_000_000] : sizes {
      try Report.digests(size)
    }
  case "identities": try Report.identities()
  case "bodies": try Report.bodies()
  case "memory": try Report.memory()
  default: try Report.redis()
  }
}
