<?xml version="1.0" encoding="UTF-8"?>
<!--
  Profiles: each requirement beside each policy. Of few policies each is a
  column; of many, each verdict is a line.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>
<xsl:include href="say.xsl"/>

<xsl:key name="of-profile" match="ev:verdict" use="@profile"/>
<xsl:key name="of-requirement" match="ev:verdict" use="concat(@profile, '&#10;', @requirement)"/>
<xsl:key name="of-policy" match="ev:verdict" use="concat(@profile, '&#10;', @source, '&#10;', @policy)"/>
<xsl:key name="verdict" match="ev:verdict" use="concat(@profile, '&#10;', @requirement, '&#10;', @source, '&#10;', @policy)"/>

<xsl:template match="ev:input" mode="body">
 <xsl:variable name="rows" select="ev:rows[@class = 'verdict']"/>
 <h1><xsl:call-template name="t"><xsl:with-param name="key">verdicts.title</xsl:with-param></xsl:call-template></h1>
 <p class="about"><xsl:call-template name="period"/></p>
 <p><xsl:call-template name="t"><xsl:with-param name="key">verdicts.what</xsl:with-param></xsl:call-template></p>
 <xsl:choose>
  <xsl:when test="not($rows/ev:verdict)"><xsl:call-template name="nothing"><xsl:with-param name="key">verdicts.none</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:otherwise>
   <xsl:for-each select="$rows/ev:verdict[generate-id() = generate-id(key('of-profile', @profile)[1])]">
    <xsl:sort select="@profile"/>
    <xsl:call-template name="profile"/>
   </xsl:for-each>
   <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<xsl:template name="profile">
 <xsl:variable name="profile" select="@profile"/>
 <xsl:variable name="all" select="key('of-profile', $profile)"/>
 <xsl:variable name="policies" select="$all[generate-id() = generate-id(key('of-policy', concat(@profile, '&#10;', @source, '&#10;', @policy))[1])]"/>
 <section>
  <h2 id="profile-{generate-id()}">
   <xsl:call-template name="t"><xsl:with-param name="key">profile</xsl:with-param></xsl:call-template>
   <xsl:text> </xsl:text>
   <bdi><xsl:value-of select="$profile"/></bdi>
  </h2>
  <dl class="figures">
   <xsl:for-each select="key('tally', 'verdicts')/ev:cell[@a = $profile]">
    <xsl:sort select="@count" data-type="number" order="descending"/>
    <xsl:call-template name="key-figure">
     <xsl:with-param name="key" select="concat('verdict.', @b)"/>
     <xsl:with-param name="tally">verdicts</xsl:with-param>
     <xsl:with-param name="a" select="string(@a)"/><xsl:with-param name="b" select="string(@b)"/>
    </xsl:call-template>
   </xsl:for-each>
  </dl>
  <div class="scroll" tabindex="0" role="region" aria-labelledby="profile-{generate-id()}">
   <xsl:choose>
    <xsl:when test="count($policies) &lt;= 4"><xsl:call-template name="matrix"><xsl:with-param name="all" select="$all"/><xsl:with-param name="policies" select="$policies"/></xsl:call-template></xsl:when>
    <xsl:otherwise><xsl:call-template name="list"><xsl:with-param name="all" select="$all"/></xsl:call-template></xsl:otherwise>
   </xsl:choose>
  </div>
 </section>
</xsl:template>

<xsl:template name="matrix">
 <xsl:param name="all"/>
 <xsl:param name="policies"/>
 <table>
  <thead>
   <tr>
    <xsl:call-template name="heads"><xsl:with-param name="class">verdict</xsl:with-param><xsl:with-param name="columns">requirement wanted</xsl:with-param></xsl:call-template>
    <xsl:for-each select="$policies">
     <th scope="col"><xsl:call-template name="source"/><br/><xsl:call-template name="text"><xsl:with-param name="value" select="@policy"/></xsl:call-template></th>
    </xsl:for-each>
   </tr>
  </thead>
  <tbody>
   <xsl:for-each select="$all[generate-id() = generate-id(key('of-requirement', concat(@profile, '&#10;', @requirement))[1])]">
    <xsl:variable name="of" select="concat(@profile, '&#10;', @requirement, '&#10;')"/>
    <tr>
     <th scope="row" class="long"><xsl:call-template name="requirement"/></th>
     <td><xsl:call-template name="policy"><xsl:with-param name="text" select="@wanted"/></xsl:call-template></td>
     <xsl:for-each select="$policies">
      <td>
       <xsl:for-each select="key('verdict', concat($of, @source, '&#10;', @policy))[1]">
        <xsl:call-template name="mark"><xsl:with-param name="kind">verdict</xsl:with-param><xsl:with-param name="value" select="@verdict"/></xsl:call-template>
        <xsl:if test="@found != ''"><br/><span class="quiet"><xsl:call-template name="policy"><xsl:with-param name="text" select="@found"/></xsl:call-template></span></xsl:if>
       </xsl:for-each>
      </td>
     </xsl:for-each>
    </tr>
   </xsl:for-each>
  </tbody>
 </table>
</xsl:template>

<xsl:template name="list">
 <xsl:param name="all"/>
 <table>
  <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">verdict</xsl:with-param><xsl:with-param name="columns">requirement source policy verdict wanted found</xsl:with-param></xsl:call-template></tr></thead>
  <tbody>
   <xsl:for-each select="$all">
    <xsl:sort select="@requirement"/>
    <tr>
     <th scope="row" class="long"><xsl:call-template name="requirement"/></th>
     <td><xsl:call-template name="source"/></td>
     <td class="long"><xsl:call-template name="text"><xsl:with-param name="value" select="@policy"/></xsl:call-template></td>
     <td><xsl:call-template name="mark"><xsl:with-param name="kind">verdict</xsl:with-param><xsl:with-param name="value" select="@verdict"/></xsl:call-template></td>
     <td><xsl:call-template name="policy"><xsl:with-param name="text" select="@wanted"/></xsl:call-template></td>
     <td><xsl:call-template name="policy"><xsl:with-param name="text" select="@found"/></xsl:call-template></td>
    </tr>
   </xsl:for-each>
  </tbody>
 </table>
</xsl:template>

<!-- "password.min_length [privileged]" -->
<xsl:template name="requirement">
 <xsl:variable name="key" select="substring-before(concat(@requirement, ' ['), ' [')"/>
 <xsl:variable name="of" select="substring-before(substring-after(@requirement, '['), ']')"/>
 <xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('requirement.', $key)"/><xsl:with-param name="text" select="$key"/></xsl:call-template>
 <xsl:if test="$of != ''">
  <xsl:text> – </xsl:text>
  <xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('requirement.', $of)"/><xsl:with-param name="text" select="$of"/></xsl:call-template>
 </xsl:if>
 <xsl:if test="@clause != ''"><br/><span class="quiet note"><bdi><xsl:value-of select="@clause"/></bdi></span></xsl:if>
</xsl:template>

<!-- What is asked for or was found: "max 90", "complexity yes, letter no". -->
<xsl:template name="policy">
 <xsl:param name="text"/>
 <xsl:variable name="first" select="substring-before(concat($text, ' '), ' ')"/>
 <xsl:variable name="word" select="translate($first, ',', '')"/>
 <xsl:choose>
  <xsl:when test="key('word', concat('policy.', $text)) or $text = ''"><xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('policy.', $text)"/><xsl:with-param name="text" select="'–'"/></xsl:call-template></xsl:when>
  <xsl:otherwise>
   <xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('policy.', $word)"/><xsl:with-param name="text" select="$word"/></xsl:call-template>
   <xsl:if test="$word != $first"><xsl:call-template name="t"><xsl:with-param name="key">comma</xsl:with-param></xsl:call-template></xsl:if>
   <xsl:if test="contains($text, ' ')">
    <xsl:text> </xsl:text>
    <xsl:call-template name="policy"><xsl:with-param name="text" select="substring-after($text, ' ')"/></xsl:call-template>
   </xsl:if>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>
</xsl:stylesheet>
