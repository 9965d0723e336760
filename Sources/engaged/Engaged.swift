import ArgumentParser
import ServiceLifecycle
@main struct Engaged: ParsableCommand {}
