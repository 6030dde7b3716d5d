#pragma once

namespace datahub::app {

// Every CrashPoint of this folder. A test holds this list to the sources.
inline constexpr const char* kCrashPoints[] = {
    "reset.intended",      // nothing is gone, and all will be
    "reset.moved",         // one folder of the lake is out of the way
    "reset.mark_removed",  // the lake is nobody's
    "reset.lake_empty",    //
    "reset.state_moved",   // there is no ledger any more
    "orphans.removed",     // one file that the ledger does not know
};

}  // namespace datahub::app
