internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck

/// What can be seen of the state folder and its disk without opening the installation.
struct MachineCheck: Sendable {
  private static let least: Int64 = 16 << 20
  private static let few: Int64 = 256 << 20

  let surroundings: Surroundings
  let platform: Account?
  private var folder: StateFolder { surroundings.folder }

  /// Folder, secrets, disk.
  func local() -> [Diagnosis] { [folderState(), secrets(), disk()] }

  private func folderState() -> Diagnosis {
    let path = folder.path
    let status: FileStatus
    do throws(PlatformError) { status = try Files.status(path) } catch {
      return Diagnosis(
        .folder, error.code == .permissionDenied ? .unknown : .fail,
        BilingualText(error.message, "\(path)：\(error.code.chinese)"),
        cure: BilingualText(
          "name the installation's folder with --state", "请用 --state 指定本安装的目录"))
    }
    guard status.kind == .folder else {
      return Diagnosis(
        .folder, .fail, BilingualText("\(path) is no folder", "\(path) 不是目录"),
        cure: BilingualText("name a folder with --state", "请用 --state 指定目录"))
    }
    let mode = String(status.mode, radix: 8)
    let cure = BilingualText("chmod 750 \(path)", "chmod 750 \(path)")
    if status.mode & 0o022 != 0 {
      return Diagnosis(
        .folder, status.mode & 0o002 != 0 ? .fail : .warn,
        BilingualText(
          "\(path) has mode \(mode): others may put files in the place of the installation's own",
          "\(path) 的权限为 \(mode)：其他用户可以替换本安装的文件"), cure: cure)
    }
    if status.mode & 0o007 != 0 {
      return Diagnosis(
        .folder, .warn,
        BilingualText(
          "\(path) has mode \(mode): others may look in", "\(path) 的权限为 \(mode)：其他用户可以进入"),
        cure: cure)
    }
    return owned(status, mode)
  }

  private func owned(_ status: FileStatus, _ mode: String) -> Diagnosis {
    let path = folder.path
    let own = Account.current
    guard status.owner != own.user else {
      return Diagnosis(
        .folder,
        ok: BilingualText("\(path), mode \(mode)", "\(path)，权限 \(mode)"))
    }
    return Diagnosis(
      .folder, own.user == 0 ? .warn : .unknown,
      BilingualText(
        "\(path) belongs to user \(status.owner), this is user \(own.user)",
        "\(path) 属于用户 \(status.owner)，当前用户是 \(own.user)"),
      cure: BilingualText(
        "run the commands as the folder's owner: runuser -u tally-verifier -- …",
        "请以目录属主的身份运行命令：runuser -u tally-verifier -- …"))
  }

  private func secrets() -> Diagnosis {
    for path in [folder.installationKey, folder.evidenceKey, folder.token] {
      guard let status = try? Files.status(path) else {
        guard Files.exists(folder.installationKey) || Files.exists(folder.ledger) else {
          return Diagnosis(
            .secrets, .warn, BilingualText("no installation has begun here", "此处还没有安装"),
            cure: BilingualText(
              "start serve, or run tally-verifier license install FILE",
              "请启动 serve，或运行 tally-verifier license install FILE"))
        }
        return Diagnosis(
          .secrets, .fail, BilingualText("\(path) is not there", "\(path) 不存在"),
          cure: path == folder.token
            ? BilingualText(
              "restore it, or write another token of one line into it, mode 0600",
              "请恢复该文件，或写入另一个单行令牌，权限 0600")
            : BilingualText(
              "restore the state folder from a backup; do not delete anything",
              "请从备份恢复状态目录；不要删除任何文件"))
      }
      guard status.mode & 0o077 == 0 else {
        return Diagnosis(
          .secrets, .fail,
          BilingualText("\(path) is open to others", "\(path) 对其他用户开放"),
          cure: BilingualText("chmod 600 \(path)", "chmod 600 \(path)"))
      }
    }
    return Diagnosis(
      .secrets, ok: BilingualText("for their owner alone", "仅属主可读"))
  }

  private func disk() -> Diagnosis {
    let free: Int64
    do throws(PlatformError) { free = try Files.freeBytes(folder.path) } catch {
      return Diagnosis(
        .disk, .unknown, BilingualText(error.message, error.code.chinese),
        cure: BilingualText("check the mount", "请检查挂载"))
    }
    let text = BilingualText("\(free >> 20) MiB free", "剩余 \(free >> 20) MiB")
    guard free < Self.few else { return Diagnosis(.disk, ok: text) }
    return Diagnosis(
      .disk, free < Self.least ? .fail : .warn, text,
      cure: BilingualText(
        "free space: without any, what is counted stays in memory alone",
        "请腾出空间：磁盘满后计数只保存在内存中"))
  }

  /// The file that the platform's check reads.
  func standing() -> Diagnosis {
    let path = folder.standing
    switch Result(catching: { () throws(StartupCheckError) in try StandingFile(path).read() }) {
    case .failure(let error):
      return Diagnosis(
        .standing, .unknown, BilingualText(error.message, error.message(in: .chinese)),
        cure: BilingualText("check owner and mode of \(path)", "请检查 \(path) 的属主和权限"))
    case .success(.absent):
      return Diagnosis(
        .standing, .warn, BilingualText("\(path) is not there yet", "\(path) 还不存在"),
        cure: BilingualText("start tally-verifier serve", "请启动 tally-verifier serve"))
    case .success(.refused(let refusal)):
      return Diagnosis(
        .standing, .fail,
        BilingualText("\(path): \(refusal.message)", "\(path)：\(refusal.code.chinese)"),
        cure: BilingualText(
          "start serve anew: it writes the file afresh", "请重新启动 serve：它会重写该文件"))
    case .success(.document): return readable(path)
    }
  }

  private func readable(_ path: String) -> Diagnosis {
    guard let platform else {
      return Diagnosis(
        .standing,
        ok: BilingualText(
          "\(path) is whole; --platform-user looks whether the platform may read it",
          "\(path) 完整；用 --platform-user 检查平台能否读取"))
    }
    guard let obstacle = platform.obstacle(reading: path) else {
      return Diagnosis(
        .standing,
        ok: BilingualText("\(path) is read by \(platform.name)", "\(platform.name) 可以读取 \(path)"))
    }
    return Diagnosis(
      .standing, .fail,
      BilingualText(
        "\(platform.name) may not read \(path), for \(obstacle)",
        "\(platform.name) 不能读取 \(path)，受阻于 \(obstacle)"),
      cure: BilingualText(
        "put \(platform.name) into the group of \(folder.path) and chmod 750 that folder",
        "请把 \(platform.name) 加入 \(folder.path) 的属组，并对该目录 chmod 750"))
  }
}
