from libc.stdint cimport int64_t

from indicators.core.aggressive_flow cimport AggressiveFlow
from indicators.core.alert_levels cimport AlertLevels
from indicators.core.context_session cimport ContextSession
from indicators.core.feature_closer cimport FeatureCloser
from indicators.core.level_alert cimport LevelAlert
from indicators.core.minute_prints cimport MinutePrints
from indicators.core.session_labels cimport SessionLabels
from indicators.core.true_range cimport SessionTrueRange
from indicators.core.value_area cimport ValueArea
from indicators.core.volume_profile cimport RollingProfile
from indicators.core.volume_profile cimport VolumeProfile
from indicators.core.volume_zones cimport VolumeZones


cdef class ContextClock(FeatureCloser):
    cdef readonly RollingProfile profile
    cdef readonly VolumeProfile session
    cdef readonly ValueArea area
    cdef readonly VolumeZones zones
    cdef readonly LevelAlert alert
    cdef readonly AggressiveFlow flow
    cdef readonly SessionTrueRange true_range
    cdef ContextSession sessions
    cdef SessionLabels labels
    cdef AlertLevels levels
    cdef int64_t _bin_ticks
    cdef bint _keeps_zones
    cdef int64_t _first, _closed_minutes, _silent_minutes
    cdef bint _has_first
    # The minute in progress; its profile takes prices from `_lowest` to below `_beyond` at once.
    cdef MinutePrints _minute
    cdef int64_t _lowest, _beyond
    cdef int64_t _late, _outside, _inferred, _fired
    cdef bint _has_close, _is_estimated
    cdef bint _has_sides
    cdef int _last_sign
    cdef int64_t _previous

    cdef int _clear(self) except -1
    cdef void _start_minute(self) noexcept
    cdef int _note_first(self, int64_t ts) except -1
    cdef int _begin_session(self, int64_t ts) except -1
    cdef int _open_at(self, int64_t ts) except -1
    cdef int _end_session(self) except -1
    cdef int _move_on(self) except -1
    cdef int _start_again(self, int64_t ts) except -1
