import ArgumentParser
@main struct OneDrive: ParsableCommand { mutating func run() throws { print("onedrive") } }
