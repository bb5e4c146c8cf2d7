<?xml version="1.0" encoding="UTF-8"?>
<!--
  The calendar of daily records: a month a table, a host or source a line, a
  day a cell. A record that was signed late is late for ever.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>
<xsl:include href="say.xsl"/>

<xsl:key name="of-month" match="ev:daily" use="substring(@day, 1, 7)"/>
<xsl:key name="of-source" match="ev:daily" use="@source"/>
<xsl:key name="cell" match="ev:daily" use="concat(@source, ' ', @day)"/>

<xsl:template match="ev:input" mode="body">
 <xsl:variable name="rows" select="ev:rows[@class = 'daily']"/>
 <xsl:variable name="all" select="$rows/ev:daily"/>
 <h1><xsl:call-template name="t"><xsl:with-param name="key">calendar.title</xsl:with-param></xsl:call-template></h1>
 <p class="about"><xsl:call-template name="period"/></p>
 <p><xsl:call-template name="t"><xsl:with-param name="key">days.what</xsl:with-param></xsl:call-template></p>
 <xsl:choose>
  <xsl:when test="not($all)"><xsl:call-template name="nothing"><xsl:with-param name="key">days.none</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:otherwise>
   <dl class="figures">
    <xsl:call-template name="mark-figure"><xsl:with-param name="mark">on-time</xsl:with-param></xsl:call-template>
    <xsl:call-template name="mark-figure"><xsl:with-param name="mark">late</xsl:with-param></xsl:call-template>
    <xsl:call-template name="mark-figure"><xsl:with-param name="mark">missing</xsl:with-param></xsl:call-template>
    <xsl:call-template name="mark-figure"><xsl:with-param name="mark">waiting</xsl:with-param></xsl:call-template>
    <xsl:call-template name="key-figure"><xsl:with-param name="key">calendar.incomplete</xsl:with-param><xsl:with-param name="tally">daily-reason</xsl:with-param><xsl:with-param name="a">incomplete</xsl:with-param></xsl:call-template>
   </dl>
   <ul class="legend">
    <li><xsl:call-template name="mark"><xsl:with-param name="kind">dailyMark</xsl:with-param><xsl:with-param name="value">on-time</xsl:with-param></xsl:call-template></li>
    <li><xsl:call-template name="mark"><xsl:with-param name="kind">dailyMark</xsl:with-param><xsl:with-param name="value">late</xsl:with-param></xsl:call-template></li>
    <li><xsl:call-template name="mark"><xsl:with-param name="kind">dailyMark</xsl:with-param><xsl:with-param name="value">missing</xsl:with-param></xsl:call-template></li>
    <li><xsl:call-template name="mark"><xsl:with-param name="kind">dailyMark</xsl:with-param><xsl:with-param name="value">waiting</xsl:with-param></xsl:call-template></li>
    <li><xsl:call-template name="mark"><xsl:with-param name="kind">dailyMark</xsl:with-param><xsl:with-param name="value">incomplete</xsl:with-param></xsl:call-template></li>
   </ul>
   <xsl:for-each select="$all[generate-id() = generate-id(key('of-month', substring(@day, 1, 7))[1])]">
    <xsl:sort select="@day"/>
    <xsl:call-template name="month"><xsl:with-param name="month" select="substring(@day, 1, 7)"/></xsl:call-template>
   </xsl:for-each>
   <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
   <xsl:call-template name="faults"><xsl:with-param name="rows" select="$all[@mark = 'late' or @mark = 'missing' or @state = 'incomplete']"/></xsl:call-template>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<xsl:template name="mark-figure">
 <xsl:param name="mark"/>
 <xsl:call-template name="key-figure">
  <xsl:with-param name="key" select="concat('dailyMark.', $mark)"/>
  <xsl:with-param name="tally">daily</xsl:with-param>
  <xsl:with-param name="a" select="$mark"/>
 </xsl:call-template>
</xsl:template>

<!-- ==== A month ==== -->

<xsl:template name="month">
 <xsl:param name="month"/>
 <xsl:variable name="year" select="number(substring($month, 1, 4))"/>
 <xsl:variable name="m" select="number(substring($month, 6, 2))"/>
 <xsl:variable name="leap" select="($year mod 4 = 0 and $year mod 100 != 0) or $year mod 400 = 0"/>
 <xsl:variable name="days" select="31 - ($m = 4 or $m = 6 or $m = 9 or $m = 11) - ($m = 2) * (3 - $leap)"/>
 <xsl:variable name="name">
  <xsl:choose>
   <xsl:when test="$zh"><xsl:value-of select="concat('民國 ', $year - 1911, ' 年 ', $m, ' 月')"/></xsl:when>
   <xsl:otherwise><xsl:value-of select="$month"/></xsl:otherwise>
  </xsl:choose>
 </xsl:variable>
 <section>
  <h2 id="month-{$month}"><xsl:value-of select="$name"/></h2>
  <div class="scroll" tabindex="0" role="region" aria-labelledby="month-{$month}">
   <table class="month">
    <thead>
     <tr>
      <th scope="col"><xsl:call-template name="t"><xsl:with-param name="key">calendar.place</xsl:with-param></xsl:call-template></th>
      <xsl:call-template name="day-heads"><xsl:with-param name="month" select="$month"/><xsl:with-param name="days" select="$days"/></xsl:call-template>
     </tr>
    </thead>
    <tbody>
     <xsl:for-each select="/ev:input/ev:rows[@class = 'daily']/ev:daily[generate-id() = generate-id(key('of-source', @source)[1])]">
      <xsl:sort select="@source"/>
      <tr>
       <th scope="row"><xsl:call-template name="place"/></th>
       <xsl:call-template name="days"><xsl:with-param name="month" select="$month"/><xsl:with-param name="days" select="$days"/><xsl:with-param name="source" select="@source"/></xsl:call-template>
      </tr>
     </xsl:for-each>
    </tbody>
   </table>
  </div>
 </section>
</xsl:template>

<!-- "source:NAME" is a directory's; all else is a host. -->
<xsl:template name="place">
 <bdi>
  <xsl:choose>
   <xsl:when test="starts-with(@source, 'source:')"><xsl:value-of select="substring-after(@source, 'source:')"/></xsl:when>
   <xsl:otherwise><xsl:value-of select="@source"/></xsl:otherwise>
  </xsl:choose>
 </bdi>
</xsl:template>

<xsl:template name="day-heads">
 <xsl:param name="month"/>
 <xsl:param name="days"/>
 <xsl:param name="day" select="1"/>
 <xsl:variable name="weekday"><xsl:call-template name="weekday"><xsl:with-param name="month" select="$month"/><xsl:with-param name="day" select="$day"/></xsl:call-template></xsl:variable>
 <th scope="col">
  <xsl:if test="$weekday = 0 or $weekday = 6"><xsl:attribute name="class">weekend</xsl:attribute></xsl:if>
  <xsl:value-of select="$day"/>
 </th>
 <xsl:if test="$day &lt; $days">
  <xsl:call-template name="day-heads"><xsl:with-param name="month" select="$month"/><xsl:with-param name="days" select="$days"/><xsl:with-param name="day" select="$day + 1"/></xsl:call-template>
 </xsl:if>
</xsl:template>

<!-- 0: Sunday. Zeller's congruence. -->
<xsl:template name="weekday">
 <xsl:param name="month"/>
 <xsl:param name="day"/>
 <xsl:variable name="m" select="number(substring($month, 6, 2))"/>
 <xsl:variable name="y" select="number(substring($month, 1, 4)) - ($m &lt; 3)"/>
 <xsl:variable name="n" select="$m + 12 * ($m &lt; 3)"/>
 <xsl:value-of select="($day + floor(13 * ($n + 1) div 5) + $y + floor($y div 4) - floor($y div 100) + floor($y div 400) + 6) mod 7"/>
</xsl:template>

<xsl:template name="days">
 <xsl:param name="month"/>
 <xsl:param name="days"/>
 <xsl:param name="source"/>
 <xsl:param name="day" select="1"/>
 <td>
  <xsl:for-each select="key('cell', concat($source, ' ', $month, '-', format-number($day, '00')))[1]">
   <xsl:variable name="shown">
    <xsl:choose>
     <xsl:when test="@mark = 'on-time' and @state = 'incomplete'">incomplete</xsl:when>
     <xsl:otherwise><xsl:value-of select="@mark"/></xsl:otherwise>
    </xsl:choose>
   </xsl:variable>
   <span class="mark {$shown}">
    <span aria-hidden="true">
     <xsl:choose>
      <xsl:when test="$shown = 'on-time'">●</xsl:when>
      <xsl:when test="$shown = 'late'">◑</xsl:when>
      <xsl:when test="$shown = 'missing'">✕</xsl:when>
      <xsl:when test="$shown = 'incomplete'">△</xsl:when>
      <xsl:otherwise>○</xsl:otherwise>
     </xsl:choose>
    </span>
    <span class="unseen"><xsl:call-template name="t"><xsl:with-param name="key" select="concat('dailyMark.', $shown)"/></xsl:call-template></span>
   </span>
  </xsl:for-each>
 </td>
 <xsl:if test="$day &lt; $days">
  <xsl:call-template name="days"><xsl:with-param name="month" select="$month"/><xsl:with-param name="days" select="$days"/><xsl:with-param name="source" select="$source"/><xsl:with-param name="day" select="$day + 1"/></xsl:call-template>
 </xsl:if>
</xsl:template>

<!-- ==== What was late, missing or incomplete ==== -->

<xsl:template name="faults">
 <xsl:param name="rows"/>
 <section>
  <h2 id="faults"><xsl:call-template name="t"><xsl:with-param name="key">calendar.faults</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows)"><xsl:call-template name="nothing"><xsl:with-param name="key">calendar.faults.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="faults">
     <table>
      <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">daily</xsl:with-param><xsl:with-param name="columns">day source mark due examined examiner failures unknown reason disposition</xsl:with-param></xsl:call-template></tr></thead>
      <tbody>
       <xsl:for-each select="$rows">
        <xsl:sort select="@day"/>
        <tr>
         <th scope="row" class="short"><xsl:value-of select="@day"/></th>
         <td><xsl:call-template name="place"/></td>
         <td>
          <xsl:call-template name="mark"><xsl:with-param name="kind">dailyMark</xsl:with-param><xsl:with-param name="value" select="@mark"/></xsl:call-template>
          <xsl:if test="@state = 'incomplete'"><br/><xsl:call-template name="mark"><xsl:with-param name="kind">dailyMark</xsl:with-param><xsl:with-param name="value">incomplete</xsl:with-param></xsl:call-template></xsl:if>
         </td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@due"/></xsl:call-template></td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@examined"/></xsl:call-template></td>
         <td><xsl:call-template name="text"><xsl:with-param name="value" select="@examiner"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@failures"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@unknown"/></xsl:call-template></td>
         <td class="long"><xsl:call-template name="reason"/></td>
         <td class="long"><xsl:call-template name="text"><xsl:with-param name="value" select="@disposition"/></xsl:call-template></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>
</xsl:stylesheet>
