extension StorageError.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .unavailable: "数据库无法打开，或被另一个进程锁住；请检查目录、属主和权限"
    case .full: "磁盘已满，未写入任何内容；请腾出空间后重试"
    case .readOnly: "数据库不可写；请检查属主、权限和挂载"
    case .damaged: "数据库已损坏；请从备份恢复，程序不会另建一个"
    case .schemaTooNew: "数据库由更新版本的程序写成；请安装较新的程序"
    case .notDurable: "数据库不能保证落盘；请改用支持锁和刷盘的本地文件系统，或更正数据库服务器的设置"
    case .unknown: "无法确定写入是否已落盘；请先检查磁盘再重新启动，使用数据库服务器时重试即可"
    }
  }
}
