#pragma once

namespace datahub::intake {

// Every CrashPoint of this folder. A test holds this list to the sources.
inline constexpr const char* kCrashPoints[] = {
    "intake.log_renamed",      // the log's folder has a new name: its older process is fenced; not durable
    "intake.file_written",     // the copy of the last segment, the first one, or keys
    "intake.file_synced",      //
    "intake.file_renamed",     // it has its name, not durable
    "intake.frame_written",    // not durable
    "intake.frame_synced",     // durable, nobody was told
    "intake.header_synced",    // the next segment is ready, without its name
    "intake.segment_linked",   // it has its name, not durable
    "intake.segment_removed",  // nobody needs it; not durable
};

}  // namespace datahub::intake
