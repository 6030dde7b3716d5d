#pragma once

namespace datahub::storage {

// Every CrashPoint of this folder, in the order a commit passes them. A test holds this list to the sources.
inline constexpr const char* kCrashPoints[] = {
    "folder.made",                // a folder was created (unseen or final); its name is not durable
    "unseen.created",             //
    "unseen.appended",            // some bytes are written
    "unseen.before_sync",         // all bytes are written
    "unseen.synced",              // the file is durable, its name is not
    "unseen.before_folder_sync",  //
    "unseen.folder_synced",       // the unseen names are durable
    "reveal.before_rename",       //
    "reveal.renamed",             // one object has its name, not durable
    "reveal.before_folder_sync",  // all objects have their names, not durable
    "folder.synced",              // one of several folders is durable
    "reveal.folder_synced",       // all names are durable
    "remove.before_unlink",       //
    "remove.unlinked",            // gone, not durable
    "remove.synced",              //
    "discard.unlinked",           // one unseen object is gone
    "small_file.written",         // it is whole and durable, beside its name
    "small_file.named",           // not durable
};

}  // namespace datahub::storage
